// `import CNNRuns` brings the types of `CNNTraining`, which its signatures name.

@_exported public import CNNTraining
