/// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014): 64
/// well-mixed bits for each number, the same on every machine.
package enum RandomBits {
  /// The bits that belong to `index`.
  package static func mix(_ index: UInt64) -> UInt64 {
    var bits = (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
