public import CNNSystem
public import SystemPackage

extension WeightsFile {
  /// Writes `arrays` with their metadata as a safetensors file, which any safetensors library reads.
  ///
  /// An array whose source is row-major and little-endian keeps its type; others are written as
  /// Float32, row-major. Their order is the given one, but wider types come before narrower ones, so
  /// that each begins at a multiple of its size. The file gets its name when it is complete; it may
  /// replace the one that `arrays` came from.
  ///
  /// - Throws: `cannotWrite`, and what `NamedArray.floats(threads:)` throws about the source;
  ///   `usage` where an array has the name that the format reserves.
  public static func write(_ arrays: NamedArrays, to path: FilePath) throws(CNNError) {
    let sorted = arrays.enumerated().sorted { first, second in
      let (wide, narrow) = (writtenType(first.element), writtenType(second.element))
      return (-wide.byteSize, first.offset) < (-narrow.byteSize, second.offset)
    }.map(\.element)
    var end = 0
    let entries = sorted.map { array in
      let start = end
      end += array.count * writtenType(array).byteSize
      return SafetensorsEntry(
        name: array.name, elementType: writtenType(array), shape: array.shape, range: start..<end)
    }
    guard arrays[SafetensorsHeader.metadataKey] == nil else {
      throw CNNError(
        .usage, .mismatch,
        "no array of a safetensors file can be called \(SafetensorsHeader.metadataKey)",
        subject: path.displayName)
    }
    var file = try AtomicFile(path)
    try file.write(SafetensorsHeader(entries: entries, metadata: arrays.metadata).encoded)
    for array in sorted {
      let bytes =
        keepsType(array)
        ? try array.elementBytes(threads: Workers.defaultCount) : try array.floats()
      try bytes.withUnsafeBytes { (buffer) throws(CNNError) in try file.write(buffer) }
    }
    try file.commit()
  }

  private static func keepsType(_ array: NamedArray) -> Bool {
    array.order == .rowMajor && (array.byteOrder == .little || array.elementType.byteSize == 1)
  }

  private static func writtenType(_ array: NamedArray) -> ElementType {
    keepsType(array) ? array.elementType : .float32
  }
}
