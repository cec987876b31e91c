import CNNCore
import Testing

/// Random numbers and number formats, against what others have published.
@Suite struct NumberTests {
  /// The first outputs of the reference implementation of SplitMix64 for seed 0
  /// (<https://prng.di.unimi.it/splitmix64.c>).
  @Test func splitMix() {
    #expect(
      (0..<3).map(RandomNumbers.mix)
        == [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F])
  }

  /// Runs that were begun with another version go on with the same numbers: the keys, from a
  /// second implementation in Python.
  @Test func keysNeverChange() {
    let dropout = RandomNumbers.dropout(seed: 1, step: 2, node: "drop6")
    #expect([0, 5].map(dropout.bits) == [0x5461_10D0_EF66_7661, 0x60FE_0049_AA6E_1B99])
    let augmentation = RandomNumbers(seed: 3, purpose: .augmentation, 7, 9)
    #expect([0, 5].map(augmentation.bits) == [0x0A00_835D_C932_7CC7, 0xA40E_0E91_122E_DF79])
    let stream = RandomNumbers(seed: 7, stream: 4)
    #expect([0, 5].map(stream.bits) == [0xF1B2_CD09_A688_B724, 0x9E7D_B7CF_9E29_6C67])
  }

  #if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
    /// All halves, and the numbers halfway between two of them and just beside that.
    @Test func halfPrecisionIsThatOfFloat16() {
      for bits in UInt16.min...UInt16.max {
        let number = Float(Float16(bitPattern: bits))
        let float = HalfPrecision.float(bits)
        #expect(float.isNaN ? number.isNaN : float.bitPattern == number.bitPattern)
        guard number.isFinite else { continue }
        let next = Float(Float16(bitPattern: bits).nextUp)
        let middle = next.isFinite ? (number + next) / 2 : 65520
        for value in [number, middle, middle.nextUp, middle.nextDown] {
          #expect(HalfPrecision.half(value) == Float16(value).bitPattern, "\(value)")
        }
      }
      #expect(Float16(bitPattern: HalfPrecision.half(.nan)).isNaN)
      #expect(HalfPrecision.half(.infinity) == 0x7C00 && HalfPrecision.half(-1e30) == 0xFC00)
    }
  #endif
}
