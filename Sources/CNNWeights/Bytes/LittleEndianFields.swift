/// Integers one after the other, least significant byte first.
struct LittleEndianFields {
  /// What has been appended.
  var bytes: [UInt8] = []

  /// Appends each integer in its own width.
  mutating func append<Number: FixedWidthInteger>(_ numbers: Number...) {
    for number in numbers {
      withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }
  }

  /// Appends all of `other`.
  mutating func append(_ other: LittleEndianFields) { bytes += other.bytes }
}
