/// IEEE 754 binary16, written out because Swift's `Float16` is missing on Intel Macs.
///
/// Inlinable, because loops over elements in other modules call it.
package enum HalfPrecision {
  /// The nearest half, ties to even; too large numbers become infinite.
  @inlinable
  package static func half(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
    // 65520 and above round to infinity.
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude < 0x3880_0000 {
      // Subnormal: adding 0.5 leaves the rounded multiple of 2^-24 in the low bits.
      let sum = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: sum.bitPattern - 0x3F00_0000)
    }
    let isOdd = magnitude >> 13 & 1
    let rounded = magnitude &+ 0x0FFF &+ isOdd &- 0x3800_0000
    return sign | UInt16(truncatingIfNeeded: rounded >> 13)
  }

  /// The number that a half stands for, exactly: with subnormals, infinities and NaN payloads.
  @inlinable
  package static func float(_ half: UInt16) -> Float {
    let sign = UInt32(half & 0x8000) << 16
    let exponent = UInt32(half >> 10) & 0x1F
    let fraction = UInt32(half & 0x3FF)
    switch exponent {
    case 0:
      // Subnormal: the fraction counts units of 2^-24.
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F:
      return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default:
      return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
