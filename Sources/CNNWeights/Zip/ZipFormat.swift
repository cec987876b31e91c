internal import CNNSystem

/// Numbers of the zip format (PKWARE APPNOTE 6.3.10), shared by the reader and the writer.
enum ZipFormat {
  static let localSignature: UInt32 = 0x0403_4B50
  static let centralSignature: UInt32 = 0x0201_4B50
  static let endSignature: UInt32 = 0x0605_4B50
  static let end64Signature: UInt32 = 0x0606_4B50
  static let locatorSignature: UInt32 = 0x0706_4B50
  static let descriptorSignature: UInt32 = 0x0807_4B50

  static let localSize = 30
  static let centralSize = 46
  static let endSize = 22
  static let end64Size = 56
  static let locatorSize = 20

  /// The value of a 32-bit field whose real value is in the zip64 extra field.
  static let in64: UInt32 = .max
  /// The same in a 16-bit field.
  static let in64Short: UInt16 = .max

  static let zip64Extra: UInt16 = 0x0001
  /// Android's zipalign writes padding under this number; all readers skip it.
  static let paddingExtra: UInt16 = 0xD935

  /// Bits of the general purpose flag.
  struct Flags: OptionSet {
    let rawValue: UInt16
    static let encrypted = Flags(rawValue: 1 << 0)
    /// Checksum and sizes follow the data and are not in the local header.
    static let hasDescriptor = Flags(rawValue: 1 << 3)
    static let patch = Flags(rawValue: 1 << 5)
    static let strongEncryption = Flags(rawValue: 1 << 6)
    static let utf8 = Flags(rawValue: 1 << 11)
    static let maskedHeaders = Flags(rawValue: 1 << 13)
    /// What makes a member unreadable here.
    static let refused: Flags = [.encrypted, .patch, .strongEncryption, .maskedHeaders]
  }

  /// The fields of the extra block number `kind`, or nil where there is none.
  ///
  /// - Throws: `corrupt` where the blocks do not add up.
  static func extra(_ kind: UInt16, in bytes: Bytes, at offset: Int) throws(CNNError) -> ByteReader?
  {
    var reader = ByteReader(bytes, domain: .weights, origin: offset)
    // Fewer than four bytes cannot be a block; some writers pad so.
    while reader.remaining >= 4 {
      let (id, size) = (
        try reader.read(UInt16.self, .little), try reader.read(UInt16.self, .little)
      )
      let start = offset + reader.position
      let body = try reader.read(count: Int(size))
      if id == kind { return ByteReader(body, domain: .weights, origin: start) }
    }
    return nil
  }
}
