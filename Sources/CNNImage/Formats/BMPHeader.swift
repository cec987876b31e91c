internal import CNNSystem

/// The headers and the palette of a BMP, in the versions of OS/2 1 and 2 and of Windows 3 to 5.
///
/// No library in wide use reads this format alone, so this package has a decoder of its own: the
/// format is small, and written in Swift no file can make it leave its memory. Of a palette or
/// header that contradicts itself it reads what Pillow reads (`BmpImagePlugin.py`).
struct BMPHeader {
  /// How pixels are stored.
  enum Storage: Hashable {
    /// Indices of 1, 4 or 8 bits into the palette, in whole rows.
    case indices
    /// Runs of indices of 8 bits (RLE8).
    case runs8
    /// Runs of indices of 4 bits (RLE4).
    case runs4
    /// Little-endian numbers, in which each channel has some bits.
    case channels(red: Channel, green: Channel, blue: Channel, alpha: Channel?)
  }

  /// The bits of one channel in a pixel.
  struct Channel: Hashable {
    let shift: Int
    /// The greatest value, all bits set; 0 where the channel has no bits.
    let maximum: UInt32

    /// The channel as a byte, rounded down.
    func byte(of pixel: UInt32) -> UInt8 {
      let value = pixel >> UInt32(shift) & maximum
      if maximum == 255 { return UInt8(value) }
      return maximum == 0 ? 0 : UInt8(UInt64(value) * 255 / UInt64(maximum))
    }
  }

  let width: Int
  let height: Int
  /// Whether rows are stored from the top.
  let isTopDown: Bool
  /// 1, 4, 8, 16, 24 or 32.
  let bitsPerPixel: Int
  let storage: Storage
  /// The colour of each index.
  let palette: [RGBColor]
  /// Where the pixels begin in the file.
  let pixelOffset: Int

  /// Bytes of a stored row, which is padded to a multiple of four.
  var rowSize: Int { (width * bitsPerPixel + 31) / 32 * 4 }

  /// 1 for indices, 4 where a channel is alpha, otherwise 3.
  var components: Int {
    guard case .channels(_, _, _, let alpha) = storage else { return 1 }
    return alpha == nil ? 3 : 4
  }

  /// Bits of an index, or 8.
  var bitsPerComponent: Int { components == 1 ? bitsPerPixel : 8 }

  /// Whether `bytes` begin with the headers of a BMP. A text can begin with `BM`, so the reserved
  /// bytes have to be 0, or the second header has to be of a known size.
  static func isSignature(of bytes: Bytes) -> Bool {
    bytes.count >= signatureLength && bytes.hasPrefix(Array("BM".utf8))
      && (bytes.hasPrefix([0, 0, 0, 0], at: 6)
        || headerSizes.contains { bytes.hasPrefix([$0, 0, 0, 0], at: 14) })
  }

  /// Sizes of the second header, which tell the versions apart.
  private static let headerSizes: [UInt8] = [12, 40, 52, 56, 64, 108, 124]

  /// Bytes that `isSignature(of:)` looks at.
  static let signatureLength = 18

  /// Reads the headers.
  ///
  /// - Throws: `truncated`, `corrupt` or `unsupported`.
  init(_ bytes: Bytes) throws(CNNError) {
    var reader = ByteReader(bytes, domain: .picture)
    // The name of the format, the size of the file and four reserved bytes.
    try reader.skip(10)
    let offset = try Int(reader.read(UInt32.self, .little))
    let headerSize = try reader.read(UInt32.self, .little)
    guard headerSize < 256, Self.headerSizes.contains(UInt8(headerSize)) else {
      throw Self.unsupported("a header of \(headerSize) bytes")
    }
    let isOS2 = headerSize == 12
    if isOS2 {
      width = try Int(reader.read(UInt16.self, .little))
      height = try Int(reader.read(UInt16.self, .little))
      isTopDown = false
    } else {
      width = try Int(reader.read(UInt32.self, .little))
      let signedHeight = try Int(reader.read(Int32.self, .little))
      height = abs(signedHeight)
      isTopDown = signedHeight < 0
    }
    // The number of planes, which is always 1.
    try reader.skip(2)
    bitsPerPixel = try Int(reader.read(UInt16.self, .little))
    guard [1, 4, 8, 16, 24, 32].contains(bitsPerPixel) else {
      throw Self.unsupported("\(bitsPerPixel) bits a pixel")
    }
    var compression: UInt32 = 0
    var colorCount = 0
    if !isOS2 {
      compression = try reader.read(UInt32.self, .little)
      // The size of the pixels and the resolution. After the count, that of important colours.
      try reader.skip(12)
      colorCount = try Int(reader.read(UInt32.self, .little))
      try reader.skip(4)
    }
    let hasMasks = compression == 3 && headerSize != 64
    storage =
      hasMasks
      ? try Self.maskedStorage(&reader, bitsPerPixel, hasAlpha: headerSize >= 56)
      : try Self.storage(compression, bitsPerPixel)
    let masksSize = hasMasks && headerSize == 40 ? 12 : 0
    try reader.seek(to: 14 + Int(headerSize) + masksSize)
    if colorCount == 0 { colorCount = 1 << bitsPerPixel }
    let paletteOffset = reader.position
    let entrySize = isOS2 ? 3 : 4
    palette = bitsPerPixel <= 8 ? try Self.palette(&reader, colorCount, entrySize) : []
    // Some programs give the offset without the palette.
    let lacksPalette = offset == 14 + Int(headerSize) && bitsPerPixel <= 8
    let paletteSize = bitsPerPixel <= 8 ? colorCount * entrySize : 0
    pixelOffset = offset == 0 || lacksPalette ? paletteOffset + paletteSize : offset
  }

  private static func storage(
    _ compression: UInt32, _ bitsPerPixel: Int
  ) throws(CNNError) -> Storage {
    func channel(_ shift: Int, _ bits: Int) -> Channel {
      Channel(shift: shift, maximum: 1 << UInt32(bits) - 1)
    }
    switch (compression, bitsPerPixel) {
    case (0, 1), (0, 4), (0, 8): return .indices
    case (1, 8): return .runs8
    case (2, 4): return .runs4
    case (0, 16):
      return .channels(red: channel(10, 5), green: channel(5, 5), blue: channel(0, 5), alpha: nil)
    case (0, 24), (0, 32):
      return .channels(red: channel(16, 8), green: channel(8, 8), blue: channel(0, 8), alpha: nil)
    default: throw unsupported("compression \(compression) of \(bitsPerPixel) bits a pixel")
    }
  }

  /// The storage of pixels whose channels are given by masks, at the reader's position.
  private static func maskedStorage(
    _ reader: inout ByteReader, _ bitsPerPixel: Int, hasAlpha: Bool
  ) throws(CNNError) -> Storage {
    guard bitsPerPixel >= 16 else {
      throw unsupported("masks with \(bitsPerPixel) bits a pixel")
    }
    var masks: [UInt32] = []
    for _ in 0..<(hasAlpha ? 4 : 3) { masks.append(try reader.read(UInt32.self, .little)) }
    // Without any mask, all channels are in their usual order.
    if masks.allSatisfy({ $0 == 0 }) { masks = [0xFF0000, 0xFF00, 0xFF, 0xFF00_0000] }
    var used: UInt32 = 0
    var channels: [Channel] = []
    for mask in masks {
      let shift = mask == 0 ? 0 : mask.trailingZeroBitCount
      let maximum = mask >> UInt32(shift)
      // A mask is one group of bits, and no two share a bit.
      guard maximum & (maximum &+ 1) == 0, mask & used == 0 else {
        throw unsupported("masks \(masks.map { "0x" + String($0, radix: 16) })")
      }
      used |= mask
      channels.append(Channel(shift: shift, maximum: maximum))
    }
    // As in Pillow, the spare bit of 16-bit pixels is no alpha.
    let hasAlphaBits = bitsPerPixel == 32 && channels.count == 4 && channels[3].maximum > 0
    let alpha = hasAlphaBits ? channels[3] : nil
    return .channels(red: channels[0], green: channels[1], blue: channels[2], alpha: alpha)
  }

  /// The colours of all indices. Those that a palette lacks are black.
  ///
  /// A small file can end before the palette that it states does, because the pixels begin within it.
  private static func palette(
    _ reader: inout ByteReader, _ count: Int, _ entrySize: Int
  ) throws(CNNError) -> [RGBColor] {
    guard (1...65_536).contains(count) else {
      throw CNNError(
        .picture, .corrupt, "the BMP has a palette of an impossible size", found: "\(count)")
    }
    var palette: [RGBColor] = []
    for _ in 0..<min(count, 256, reader.remaining / entrySize) {
      let entry = try reader.read(count: entrySize).array
      palette.append(RGBColor(red: entry[2], green: entry[1], blue: entry[0]))
    }
    return palette + [RGBColor](repeating: .black, count: 256 - palette.count)
  }

  private static func unsupported(_ what: String) -> CNNError {
    CNNError(
      .picture, .unsupported, "this kind of BMP is not supported: \(what)",
      remedy: "Save it anew as a BMP of 24 bits, or as PNG")
  }
}
