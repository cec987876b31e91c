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

  /// Prints the result of a verb on standard output: the record as one JSON object where `--json`
  /// asks for it, otherwise the lines for people. Throws `cannotWrite`.
  static func printResult(
    _ record: some Encodable, asJSON isJSON: Bool, or lines: @autoclosure () -> [String]
  ) throws(CNNError) {
    var output = LineWriter.standardOutput
    if isJSON {
      try output.writeJSON(record)
    } else {
      for line in lines() { try output.writeLine(line) }
    }
    try output.flush()
  }

  /// Prints lines on standard output. Throws `cannotWrite`.
  static func printLines(_ lines: [String]) throws(CNNError) {
    var output = LineWriter.standardOutput
    for line in lines { try output.writeLine(line) }
    try output.flush()
  }
}
