import CNNImage
import CNNSystem
import CNNTestSupport
import Testing

@Suite struct PictureDecodingTests {
  /// JPEG decoding with the slow integer transform is defined to the bit, so Pillow's own libjpeg
  /// gives the same pixels as the system's.
  @Test(arguments: FixturePicture.jpegs) func jpegPixels(name: String) throws {
    let expected = try #require(
      try Fixture("jpeg.json").decode([String: FixturePixels].self)[name])
    let picture = try PictureDecoder().decode(FixturePicture.path(name))
    expectEqual(picture.pixels, try expected.pixels(), name)
    #expect(picture.format == .jpeg)
    #expect(picture.warnings == [])
  }

  @Test(arguments: FixturePicture.pngs) func pngPixels(name: String) throws {
    let expected = try #require(try Fixture("png.json").decode([String: FixturePixels].self)[name])
    let picture = try PictureDecoder().decode(FixturePicture.path(name))
    expectEqual(picture.pixels, try expected.pixels(), name)
    #expect(picture.format == .png)
    #expect(picture.warnings == [])
  }

  @Test func allFixturesAreThere() {
    #expect(FixturePicture.jpegs.count == 18)
    #expect(FixturePicture.pngs.count == 38)
  }

  @Test(arguments: 1...8) func orientationCanBeSwitchedOff(value: Int) throws {
    let stored = try PictureDecoder().decode(FixturePicture.path("ycbcr-444.jpg")).pixels
    let decoder = PictureDecoder(options: DecodingOptions(appliesOrientation: false))
    let picture = try decoder.decode(FixturePicture.path("orientation-\(value).jpg"))
    #expect(picture.orientation.rawValue == value)
    expectEqual(picture.pixels, stored, "orientation \(value)")
  }

  /// A transparent picture on black: each channel is the colour's share alone.
  @Test func background() throws {
    var options = DecodingOptions(background: nil)
    let colors = try PictureDecoder(options: options).decode(
      FixturePicture.path("rgb-alpha8.png")
    ).pixels
    options.background = .black
    let onBlack = try PictureDecoder(options: options).decode(
      FixturePicture.path("rgb-alpha8.png")
    ).pixels
    let onWhite = try PictureDecoder().decode(FixturePicture.path("rgb-alpha8.png")).pixels
    for (index, color) in colors.bytes.enumerated() {
      // What white adds to black is 255 - alpha in every channel; the two roundings differ by 1.
      let alpha = 255 - (Int(onWhite.bytes[index]) - Int(onBlack.bytes[index]))
      let expected = (Double(color) * Double(alpha) / 255).rounded()
      #expect(abs(Double(onBlack.bytes[index]) - expected) <= 1)
    }
    #expect(colors != onBlack)
  }

  /// Damaged Exif blocks leave the picture as stored; none of them may fail it.
  @Test func damagedExif() throws {
    let file = try FixturePicture.bytes("orientation-6.jpg")
    let upright = try PictureDecoder().decode(FixturePicture.path("ycbcr-444.jpg")).pixels
    // The TIFF block begins after SOI, marker, length and name.
    let start = 2 + 4 + 6
    let damages: [(offset: Int, bytes: [UInt8])] = [
      (0, [0, 0]), (2, [0, 0]), (4, [0xFF, 0xFF, 0xFF, 0xFF]), (4, [0, 0, 0, 0]),
      (8, [0, 0]), (12, [9, 9]), (14, [0xFF, 0xFF, 0xFF, 0xFF]), (18, [0, 0, 0, 0]),
      (18, [9, 9, 9, 9]),
    ]
    for damage in damages {
      var bytes = file
      bytes.replaceSubrange(
        start + damage.offset..<start + damage.offset + damage.bytes.count, with: damage.bytes)
      let picture = try PictureDecoder().decode(bytes)
      #expect(picture.orientation == .up, "damage at \(damage.offset)")
      expectEqual(picture.pixels, upright, "damage at \(damage.offset)")
    }
  }

  @Test func headers() throws {
    let jpeg = try PictureHeader(of: FixturePicture.path("orientation-5.jpg"))
    #expect(
      (jpeg.format, jpeg.width, jpeg.height, jpeg.components, jpeg.bitsPerComponent)
        == (PictureFormat.jpeg, 19, 13, 3, 8))
    #expect(jpeg.orientation == .leftMirrored)
    let cmyk = try PictureHeader(of: FixturePicture.path("cmyk-adobe.jpg"))
    #expect(cmyk.components == 4)
    let png = try PictureHeader(of: FixturePicture.path("gray-alpha16-adam7.png"))
    #expect(
      (png.format, png.width, png.height, png.components, png.bitsPerComponent)
        == (PictureFormat.png, 11, 7, 2, 16))
    #expect(try PictureHeader(of: FixturePicture.path("orientation-6.png")).orientation == .right)
  }
}
