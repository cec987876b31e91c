// `import CNNTraining` brings the types of `CNNKit`, which its signatures name.

@_exported public import CNNKit
