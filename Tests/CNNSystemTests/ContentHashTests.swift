import CNNSystem
import Testing

@Suite struct ContentHashTests {
  /// The first bytes of the buffer that xxHash's own self test hashes.
  private static let buffer: [UInt8] = {
    var state: UInt64 = 0x9E37_79B1
    return (0..<2367).map { _ in
      defer { state &*= 0x9E37_79B1_85EB_CA8D }
      return UInt8(state >> 56)
    }
  }()

  /// Values of the reference implementation (xxHash 0.8, `xxh64`): every branch of the tail.
  @Test(
    arguments: [
      (0, 0, 0xEF46_DB37_51D8_E999), (1, 0, 0xE934_A84A_DB05_2768), (4, 0, 0x9136_A0DC_A574_57EE),
      (14, 0, 0x8282_DCC4_994E_35C8), (222, 0, 0xB641_AE8C_B691_C174),
      (0, 0x9E37_79B1, 0xAC75_FDA2_929B_17EF), (1, 0x9E37_79B1, 0x5014_6076_43A9_B4C3),
      (3, 0x9E37_79B1, 0xAA85_84E8_3660_F7D1), (7, 0x9E37_79B1, 0xF98D_03B1_AD6F_9293),
      (8, 0x9E37_79B1, 0xFE0C_047A_5353_CDAC), (31, 0x9E37_79B1, 0xDA67_3D5F_EB5C_1D79),
      (32, 0x9E37_79B1, 0xB3F3_3BDF_93AD_E409), (33, 0x9E37_79B1, 0xE92C_292F_64BC_3071),
      (63, 0x9E37_79B1, 0x6C91_1FAD_B05B_6FC2), (64, 0x9E37_79B1, 0xB5EE_BA99_264C_C44F),
      (222, 0x9E37_79B1, 0x20CB_8AB7_AE10_C14A), (2367, 0x9E37_79B1, 0xA36A_93C1_8052_673A),
    ] as [(Int, UInt64, UInt64)])
  func hashesAreThoseOfXXH64(count: Int, seed: UInt64, expected: UInt64) {
    let hash = Self.buffer.withUnsafeBytes { buffer in
      XXHash64.hash(UnsafeRawBufferPointer(rebasing: buffer[..<count]), seed: seed)
    }
    #expect(hash == expected)
  }

  @Test func textsHaveTheirPublishedHashes() {
    let hash = Array("Nobody inspects the spammish repetition".utf8).withUnsafeBytes {
      XXHash64.hash($0)
    }
    #expect(hash == 0xFBCE_A83C_8A37_8BF1)
    #expect(ContentHash(of: Array("abc".utf8)).description.hasPrefix("44bc2cf5ad770999"))
    #expect(ContentHash(of: Array("abc".utf8)).description.count == 32)
    #expect(ContentHash(of: Array("abc".utf8)) != ContentHash(of: Array("abd".utf8)))
  }
}
