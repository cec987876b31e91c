import CNNSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension LineWriter {
  /// Appends a value as one line of JSON, its keys in alphabetical order. Throws `cannotWrite`.
  mutating func writeJSON(_ value: some Encodable) throws(CNNError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line: String
    do {
      line = String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      preconditionFailure("plain values with finite numbers always encode: \(error)")
    }
    try writeLine(line)
  }
}
