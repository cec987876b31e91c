import CNNCore
import CNNImage
import CNNSystem
import CNNTestSupport
import Foundation
import Testing

@Suite struct PictureDecodingTests {
  /// Every file of every format. Pillow has libraries of its own, but JPEG's slow integer transform
  /// and WebP's decoding are defined to the bit.
  @Test(arguments: FixturePicture.kinds.map(\.suffix)) func samePixelsAsPillow(suffix: String)
    throws
  {
    let kind = try #require(FixturePicture.kinds.first { $0.suffix == suffix })
    let names = FixturePicture.names(withExtension: suffix)
    #expect(names.count == kind.count)
    let file = suffix == "jpg" ? "jpeg.json" : "\(suffix).json"
    let expected = try Fixture(file).decode([String: FixturePixels].self)
    #expect(Set(expected.keys) == Set(names))
    for name in names {
      let picture = try PictureDecoder().decode(FixturePicture.path(name))
      expectEqual(picture.pixels, try #require(expected[name]).pixels(), name)
      #expect(picture.format == kind.format)
      let isAnimated = name.hasPrefix("animated")
      #expect(
        picture.warnings == (isAnimated ? ["only the first frame of this animation is used"] : []))
      let header = try PictureHeader(of: FixturePicture.path(name))
      #expect(header.orientation == picture.orientation, "\(name)")
      let sides = [header.width, header.height]
      let shown = [picture.pixels.width, picture.pixels.height]
      #expect(header.orientation.exchangesSides ? sides == shown.reversed() : sides == shown)
    }
  }

  @Test(arguments: 1...8) func orientationCanBeSwitchedOff(value: Int) throws {
    let stored = try PictureDecoder().decode(FixturePicture.path("ycbcr-444.jpg")).pixels
    let decoder = PictureDecoder(options: DecodingOptions(appliesOrientation: false))
    let picture = try decoder.decode(FixturePicture.path("orientation-\(value).jpg"))
    #expect(picture.orientation.rawValue == value)
    expectEqual(picture.pixels, stored, "orientation \(value)")
  }

  /// The decoder's own scaling keeps both sides at least as long as asked for, and is off by default.
  @Test func scaledDecoding() throws {
    let photo = try Pixels(width: 200, height: 130, gray: (0..<26_000).map { UInt8($0 / 130) })
    let file = photo.jpeg(quality: 95)
    #expect(try PictureDecoder().decode(file).pixels.size == photo.size)
    for (side, height, width) in [
      (131, 130, 200), (66, 130, 200), (65, 65, 100), (33, 65, 100), (32, 33, 50), (16, 17, 25),
      (1, 17, 25), (0, 130, 200),
    ] {
      let decoder = PictureDecoder(options: DecodingOptions(scaledSide: side))
      let pixels = try decoder.decode(file).pixels
      #expect(pixels.size == Extent(height: height, width: width), "side \(side)")
      // The brightness grows by 200 over 130 rows, so by 12 over the 8 that become one.
      #expect(abs(Int(pixels[0, 0].red) - Int(photo[0, 0].red)) <= 12)
      let last = pixels[height - 1, width - 1].red
      #expect(abs(Int(last) - Int(photo[129, 199].red)) <= 12, "side \(side)")
    }
    let turned = PictureDecoder(options: DecodingOptions(scaledSide: 6))
    let picture = try turned.decode(FixturePicture.path("orientation-6.jpg"))
    #expect(picture.pixels.size == Extent(height: 10, width: 7))
  }

  /// What decides the pixels is stored, limits are not, and older files have fewer keys.
  @Test func optionsAsJSON() throws {
    func json(_ options: DecodingOptions) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return String(decoding: try encoder.encode(options), as: UTF8.self)
    }
    let plain = DecodingOptions(background: nil, maximumPixels: 7, maximumFileSize: 8)
    #expect(try json(plain) == #"{"allowsTruncated":false,"appliesOrientation":true}"#)
    let scaled = DecodingOptions(allowsTruncated: true, scaledSide: 512)
    #expect(
      try json(scaled) == #"{"allowsTruncated":true,"appliesOrientation":true,"#
        + #""background":{"blue":255,"green":255,"red":255},"scaledSide":512}"#)
    for options in [scaled, DecodingOptions(background: nil)] {
      let copy = try JSONDecoder().decode(DecodingOptions.self, from: Data(json(options).utf8))
      #expect(copy == options)
    }
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
    for (name, components, bits) in [
      ("lossy.webp", 3, 8), ("lossless-alpha.webp", 4, 8), ("lossy-alpha.webp", 4, 8),
      ("palette.gif", 1, 8), ("palette4.bmp", 1, 4), ("rgb32.bmp", 3, 8),
      ("masks32-argb-124.bmp", 4, 8),
    ] {
      let header = try PictureHeader(of: FixturePicture.path(name))
      #expect((header.components, header.bitsPerComponent) == (components, bits), "\(name)")
    }
  }
}
