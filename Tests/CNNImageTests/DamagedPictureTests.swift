import CNNImage
import CNNSystem
import CNNTestSupport
import Foundation
import Testing

/// Cut, flipped and lying files: each gives an error or a warning, never silence or a crash.
@Suite struct DamagedPictureTests {
  /// Cut at every byte: an error, or where nothing but the end of the file is lost, the same pixels
  /// with a warning. A picture of a cut file that is allowed always has a warning.
  @Test(arguments: FixturePicture.all) func cutAnywhere(name: String) throws {
    let file = try FixturePicture.bytes(name)
    let whole = try PictureDecoder().decode(file)
    let lenient = PictureDecoder(options: DecodingOptions(allowsTruncated: true))
    var (complete, partial) = (0, 0)
    for count in 0..<file.count {
      let cut = Array(file[..<count])
      // A BMP has no end marker, and the padding of its last row and the end of its runs are often
      // missing.
      var needsWarning = !name.hasSuffix(".bmp")
      do {
        let picture = try PictureDecoder().decode(cut)
        complete += 1
        #expect(!needsWarning || !picture.warnings.isEmpty, "\(name) cut to \(count), silently")
        // The Exif block of a WebP stands behind its pixels.
        if picture.orientation == whole.orientation {
          expectEqual(picture.pixels, whole.pixels, "\(name) cut to \(count) bytes")
        }
      } catch {
        needsWarning = true
        #expect([.empty, .truncated, .corrupt, .unsupported].contains(error.code), "\(error)")
      }
      if let picture = try? lenient.decode(cut) {
        #expect(!needsWarning || !picture.warnings.isEmpty, "\(name) cut to \(count), silently")
        let stored = picture.orientation == whole.orientation ? whole.pixels.size : nil
        #expect(stored == nil || stored == picture.pixels.size)
        partial += 1
      }
    }
    #expect(partial > complete || name.hasPrefix("animated"), "no cut of \(name) was allowed")
    // An end marker is FF D9; in a PNG a chunk of 12 bytes; in a GIF the end of a frame and a byte.
    let expected = [".jpg": 2, ".png": 12, ".gif": 2].first { name.hasSuffix($0.key) }?.value
    if let expected, !name.hasPrefix("animated") { #expect(complete == expected, "\(name)") }
  }

  /// A baseline JPEG cut in the middle says how much of it is there, and its upper rows are right.
  @Test func cutPictureTellsItsRows() throws {
    let name = "ycbcr-444.jpg"
    let file = try FixturePicture.bytes(name)
    let whole = try PictureDecoder().decode(file).pixels
    // The second of two rows of blocks begins before the last 40 bytes.
    let cut = Array(file[..<(file.count - 40)])
    let error = try #require(throws: CNNError.self) { try PictureDecoder().decode(cut) }
    #expect(error.code == .truncated)
    #expect(error.description.contains("61 % of the rows"), "\(error)")
    let picture = try PictureDecoder(options: DecodingOptions(allowsTruncated: true)).decode(cut)
    #expect(picture.warnings == ["the JPEG ends too early: 61 % of the rows decoded"])
    #expect(picture.pixels.bytes[..<(8 * 19 * 3)] == whole.bytes[..<(8 * 19 * 3)])
  }

  /// One flipped bit after the other over every fixture, tens of thousands of runs. Checksums find
  /// all of a PNG's. In other formats not all can be found, but none may crash.
  @Test(arguments: FixturePicture.all) func flippedBits(name: String) throws {
    let file = try FixturePicture.bytes(name)
    let whole = try PictureDecoder().decode(file).pixels
    let decoder = PictureDecoder(
      options: DecodingOptions(maximumPixels: 1_000_000, allowsTruncated: true))
    let step = name.hasSuffix(".png") ? 1 : name.hasSuffix(".jpg") ? 5 : 11
    var accepted = 0
    for bit in stride(from: 0, to: 8 * file.count, by: step) {
      var flipped = file
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let picture = try? decoder.decode(flipped) else { continue }
      accepted += 1
      if name.hasSuffix(".png"), picture.warnings.isEmpty {
        expectEqual(picture.pixels, whole, "\(name), bit \(bit)")
      }
    }
    #expect(accepted > 0 || name.hasSuffix(".png"))
  }

  /// The arithmetic decoder reads missing bytes as zeros without a warning, so a file that is cut in
  /// its header has no scale yet when that is noticed.
  @Test func arithmeticCodingCutInItsHeader() throws {
    var file = try FixturePicture.bytes("ycbcr-444.jpg")
    let frame = try #require(file.firstRange(of: [0xFF, 0xC0])).lowerBound
    let scan = try #require(file.firstRange(of: [0xFF, 0xDA])).lowerBound
    file[frame + 1] = 0xC9
    for count in frame..<scan {
      let error = try #require(throws: CNNError.self) {
        try PictureDecoder().decode(Array(file[..<count]))
      }
      #expect(error.code == .truncated, "cut to \(count) bytes: \(error)")
    }
  }

  /// The size is refused from the header; nothing is allocated, which would take 10 GB.
  @Test(arguments: [
    "ycbcr-420.jpg", "progressive.jpg", "rgb8.png", "gray1-adam7.png", "animated.webp",
    "palette.gif", "rgb24.bmp", "runs8.bmp",
  ])
  func hugeSize(name: String) throws {
    let bytes = try withSize(60_000, 60_000, FixturePicture.bytes(name))
    let time = try ContinuousClock().measure {
      let error = try #require(throws: CNNError.self) { try PictureDecoder().decode(bytes) }
      #expect(error.code == .tooManyPixels)
      #expect(error.description.contains("60000x60000"), "\(error)")
    }
    #expect(time < .milliseconds(100))
    let header = try PictureHeader(of: Bytes(copying: bytes))
    #expect((header.width, header.height) == (60_000, 60_000))
  }

  /// The limits for senders that are not trusted are stated; a picture or file above them is
  /// refused.
  @Test func untrustedSenders() throws {
    let decoder = PictureDecoder(options: .untrusted)
    #expect(try decoder.decode(FixturePicture.path("rgb8.png")).pixels.width == 11)
    for name in ["rgb8.png", "ycbcr-420.jpg", "animated.webp", "palette.gif", "rgb24.bmp"] {
      let bytes = try withSize(4097, 4096, FixturePicture.bytes(name))
      let error = try #require(throws: CNNError.self) { try decoder.decode(bytes) }
      #expect(error.code == .tooManyPixels, "\(name): \(error)")
      #expect(error.expected == "at most 16777216")
    }
    let large = [UInt8](repeating: 0, count: 16 << 20) + [0]
    let error = try #require(throws: CNNError.self) { try decoder.decode(large) }
    #expect(error.code == .tooLarge)
    #expect(error.expected == "at most 16777216")
  }

  @Test func limitOfPixels() throws {
    let path = FixturePicture.path("rgb8.png")
    let exact = PictureDecoder(options: DecodingOptions(maximumPixels: 77))
    #expect(try exact.decode(path).pixels.bytes.count == 3 * 77)
    let less = PictureDecoder(options: DecodingOptions(maximumPixels: 76))
    let error = try #require(throws: CNNError.self) { try less.decode(path) }
    #expect(error.code == .tooManyPixels)
    #expect(error.expected == "at most 76")
  }

  /// Too long a side, but few pixels: here a higher limit of pixels is no remedy. PNG is bounded by
  /// what JPEG can say, and JPEG by what its library decodes.
  @Test(arguments: [
    ("rgb8.png", 70_000, 65_535), ("ycbcr-444.jpg", 65_501, 65_500), ("rgb24.bmp", 70_000, 65_535),
  ])
  func limitOfSides(name: String, width: Int, limit: Int) throws {
    let long = try withSize(width, 1, FixturePicture.bytes(name))
    let error = try #require(throws: CNNError.self) { try PictureDecoder().decode(long) }
    #expect(error.code == .tooLarge)
    #expect(error.found == "\(width)x1")
    #expect(error.expected == "at most \(limit) pixels a side")
    #expect(error.remedy == "Make it smaller")
  }

  /// libpng 1.6.39 would allocate the 2 GB that a text chunk announces.
  @Test func hugeChunk() throws {
    let file = try FixturePicture.bytes("rgb8.png")
    let text: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF] + Array("tEXt".utf8) + Array("a\0b".utf8)
    let time = try ContinuousClock().measure {
      let before = Array(file[..<33]) + text + Array(file[33...])
      let error = try #require(throws: CNNError.self) { try PictureDecoder().decode(before) }
      #expect(error.code == .truncated)
      #expect(error.description.contains("tEXt"), "\(error)")
      // Behind the pixels it costs the end marker only.
      let behind = try PictureDecoder().decode(Array(file.dropLast(12)) + text)
      #expect(behind.warnings.first == "the PNG's end marker is missing")
    }
    #expect(time < .milliseconds(100))
  }

  /// A wrong checksum of a critical chunk is an error, of an ignored one nothing.
  @Test func checksums() throws {
    let file = try FixturePicture.bytes("orientation-6.png")
    for chunk in ["IHDR", "IDAT", "IEND"] {
      var bytes = file
      let type = try #require(bytes.firstRange(of: Array(chunk.utf8)))
      bytes[type.lowerBound - 1 + 5 + Int(bytes[type.lowerBound - 1])] ^= 1
      let error = try #require(throws: CNNError.self) { try PictureDecoder().decode(bytes) }
      #expect(error.code == .corrupt, "\(chunk): \(error)")
      #expect(error.description.contains("CRC"), "\(chunk): \(error)")
    }
    var bytes = file
    let exif = try #require(bytes.firstRange(of: Array("eXIf".utf8)))
    bytes[exif.lowerBound + 4 + Int(bytes[exif.lowerBound - 1])] ^= 1
    expectEqual(
      try PictureDecoder().decode(bytes).pixels, try PictureDecoder().decode(file).pixels, "eXIf")
  }

  /// A valid progressive file of many scans, each a refinement that adds nothing.
  @Test func tooManyScans() throws {
    let file = try FixturePicture.bytes("progressive.jpg")
    let lastScan = try #require(file.ranges(of: [0xFF, 0xDA]).last).lowerBound
    let scan = file[lastScan..<(file.count - 2)]
    let bytes = Array(file.dropLast(2)) + (0..<200).flatMap { _ in scan } + [0xFF, 0xD9]
    let error = try #require(throws: CNNError.self) { try PictureDecoder().decode(bytes) }
    #expect(error.code == .tooLarge)
    #expect(error.description.contains("scans"))
  }

  @Test func variantsOfPNG() throws {
    let file = try FixturePicture.bytes("rgb8.png")
    let apple = [0, 0, 0, 4] + Array("CgBI".utf8) + [0x50, 0, 0x20, 2, 0, 0, 0, 0]
    let error = try #require(throws: CNNError.self) {
      try PictureDecoder().decode(Array(file[..<8]) + apple + Array(file[8...]))
    }
    #expect(error.code == .unsupported)
    #expect(error.description.contains("CgBI"))
    let control = Array("acTL".utf8) + [0, 0, 0, 2, 0, 0, 0, 0]
    let animation = [0, 0, 0, 8] + control + bigEndian(control.withUnsafeBytes { crc32($0) })
    let picture = try PictureDecoder().decode(Array(file[..<33]) + animation + Array(file[33...]))
    #expect(picture.warnings == ["only the default picture of this animation is used"])
  }

  @Test func damageBetweenSegmentsIsAWarning() throws {
    let file = try FixturePicture.bytes("ycbcr-444.jpg")
    // Behind the JFIF segment.
    let picture = try PictureDecoder().decode(Array(file[..<20]) + [1, 2, 3] + Array(file[20...]))
    #expect(picture.warnings.count == 1)
    #expect(picture.warnings.first?.contains("3 extraneous bytes") == true)
  }

  /// The file with another size in its header, checksum and all.
  private func withSize(_ width: Int, _ height: Int, _ file: [UInt8]) throws -> [UInt8] {
    var bytes = file
    if file[0] == 0xFF {
      let frame = try #require(
        file.firstRange(of: [0xFF, 0xC0]) ?? file.firstRange(of: [0xFF, 0xC2]))
      bytes.replaceSubrange(
        (frame.lowerBound + 5)..<(frame.lowerBound + 9),
        with: bigEndian(UInt16(height)) + bigEndian(UInt16(width)))
    } else if file.starts(with: "GIF".utf8) {
      bytes.replaceSubrange(
        6..<10, with: littleEndian(UInt16(width)) + littleEndian(UInt16(height)))
    } else if file.starts(with: "BM".utf8) {
      bytes.replaceSubrange(
        18..<26, with: littleEndian(UInt32(width)) + littleEndian(UInt32(height)))
    } else if file.starts(with: "RIFF".utf8) {
      // The canvas of the first chunk, VP8X: 24 bits a side.
      let sides = [width, height].flatMap { littleEndian(UInt32($0 - 1)).prefix(3) }
      bytes.replaceSubrange(24..<30, with: sides)
    } else {
      bytes.replaceSubrange(16..<24, with: bigEndian(UInt32(width)) + bigEndian(UInt32(height)))
      let check = bytes[12..<29].withUnsafeBytes { crc32($0) }
      bytes.replaceSubrange(29..<33, with: bigEndian(check))
    }
    return bytes
  }

  private func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}
