#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A value as one line of JSON on standard output, its keys in alphabetical order.
enum JSONLine {
  static func print(_ value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // NaN has no place in JSON; weights are finite, so it could only come from an overflow.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      let data = try encoder.encode(value)
      ProgressLine.clear()
      Swift.print(String(decoding: data, as: UTF8.self))
    } catch {
      preconditionFailure("plain values always encode: \(error)")
    }
  }
}
