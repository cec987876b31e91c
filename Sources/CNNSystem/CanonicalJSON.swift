#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// JSON whose bytes depend on nothing but the value: keys are sorted, and slashes stay as they are.
///
/// Files that the libraries write, and hashes over settings, are made of it.
package enum CanonicalJSON {
  /// `value` as JSON. Precondition: all its numbers are finite.
  ///
  /// - Parameter isIndented: whether it is broken into lines for people.
  package static func encode(_ value: some Encodable, isIndented: Bool = false) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    do {
      return Array(try encoder.encode(value))
    } catch {
      preconditionFailure("plain values with finite numbers always encode: \(error)")
    }
  }

  /// The same as text.
  package static func text(_ value: some Encodable) -> String {
    String(decoding: encode(value), as: UTF8.self)
  }
}
