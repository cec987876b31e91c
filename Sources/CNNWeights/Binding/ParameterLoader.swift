internal import CNNCore
internal import CNNSystem

/// Makes parameters of the arrays of a file, after a check of their checksums and that all weights are
/// finite. Arrays of Float32 are not copied.
struct ParameterLoader: Sendable {
  let layout: WeightsLayout
  let allowsNonFinite: Bool

  /// Larger arrays are read one after the other, each by all threads, and smaller ones at the same
  /// time, each by one thread. Eight megabytes are two of the chunks that a thread scans at a time.
  private static let largeByteCount = 8 << 20

  /// The parameters of `entries` by the network's names. Precondition: every entry has its array.
  func load(
    _ entries: [WeightsFit.Entry], from arrays: NamedArrays
  ) throws(CNNError) -> [String: ParameterArray] {
    let sources = entries.map { entry in
      guard let array = arrays[entry.fileName] else {
        preconditionFailure("\(entry.fileName) was there when the fit was checked")
      }
      return (entry, array)
    }
    let threads = Workers.defaultCount
    let isLarge = sources.map { $0.1.byteCount > Self.largeByteCount }
    var results = Workers.map(count: sources.count, threads: threads) { index in
      isLarge[index] ? nil : Result { () throws(CNNError) in try load(sources[index], threads: 1) }
    }
    for index in sources.indices where isLarge[index] {
      results[index] = .success(try load(sources[index], threads: threads))
    }
    var parameters: [String: ParameterArray] = [:]
    for (source, result) in zip(sources, results) {
      parameters[source.0.parameter.name] = try result?.get()
    }
    return parameters
  }

  private func load(
    _ source: (entry: WeightsFit.Entry, array: NamedArray), threads: Int
  ) throws(CNNError) -> ParameterArray {
    let (entry, array) = source
    let parameter = entry.parameter
    let bytes =
      try allowsNonFinite ? array.floats(threads: threads) : array.finiteFloats(threads: threads)
    let shape = parameter.shape
    switch (parameter.role, shape.count) {
    case (.weight, 4) where layout.convolutionOrder == .heightWidthInputOutput:
      return ParameterArray(shape: shape, layout: .inputOutput, bytes: bytes)
    case (.weight, 2):
      return ParameterArray(shape: shape, layout: entry.linearLayout, bytes: bytes)
    default:
      return ParameterArray(shape: shape, bytes: bytes)
    }
  }
}
