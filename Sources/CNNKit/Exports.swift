// `import CNNKit` brings all types that its signatures name.

@_exported public import CNNCore
@_exported public import CNNImage
@_exported public import CNNSystem
@_exported public import CNNWeights
@_exported public import struct SystemPackage.FilePath

#if canImport(FoundationEssentials)
  @_exported public import struct FoundationEssentials.URL
#else
  @_exported public import struct Foundation.URL
#endif
