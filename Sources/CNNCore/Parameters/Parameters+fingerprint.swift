public import CNNSystem

extension Parameters {
  /// 32 hexadecimal digits that stand for the numbers that `network` uses, and their layouts.
  ///
  /// - Parameter threads: how many arrays are read at once.
  public func fingerprint(
    for network: Network, threads: Int = Workers.availableProcessors
  ) -> String {
    ParameterArray.fingerprint(
      of: network.parameters.map { ($0.name, self[$0.name]) }, threads: threads)
  }
}

extension ParameterArray {
  /// 32 hexadecimal digits that stand for some parameters: names, numbers and layouts.
  ///
  /// - Parameters:
  ///   - arrays: each with its name; their order matters.
  ///   - threads: how many are read at once.
  package static func fingerprint(
    of arrays: [(name: String, array: ParameterArray)],
    threads: Int = Workers.availableProcessors
  ) -> String {
    let hashes = Workers.map(count: arrays.count, threads: threads) { index in
      let (name, array) = arrays[index]
      return "\(name) \(array.layout.rawValue) \(ContentHash(of: array.bytes))"
    }
    return ContentHash(of: Array(hashes.joined(separator: "\n").utf8)).description
  }
}
