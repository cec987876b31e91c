import CNNImage
import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// What is found under the names of pictures.
@Suite struct PictureFileTests {
  /// Beginnings of files and the word that the message must hold.
  @Test(arguments: [
    ("....ftypheic....", "HEIC is not supported; JPEG, PNG, WebP, GIF and BMP are. Convert it"),
    ("....ftypmif1....", "HEIC"),
    ("....ftypavif....", "AVIF"), ("....ftypisom....", "a video"), ("%PDF-1.7", "a PDF"),
    ("BMW, OpenBSD, BMX", "a text file"), ("II*\u{0}....", "TIFF"), ("8BPS....", "Photoshop"),
    ("PK\u{3}\u{4}....", "a zip archive. "), ("<!DOCTYPE html><html>", "HTML"),
    ("\n  <HTML><body>404", "HTML"), ("<?xml version=\"1.0\"?><svg xmlns=\"\">", "SVG"),
    ("version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
    ("{\"error\": 404}", "JSON"), ("n01440764 tench\n", "a text file"),
    ("\u{0}\u{0}\u{0}\u{0}", "zero bytes"), ("\u{1}\u{2}\u{3}\u{4}", "known format"),
    ("P6\n2 2\n255\n", "PPM"), ("P600,1\n", "a text file"),
    ("Gru\u{DF}", "a text file"),
  ])
  func foreignContent(text: String, expected: String) throws {
    let error = try #require(throws: CNNError.self) {
      try PictureDecoder().decode(Array(text.utf8))
    }
    #expect(error.code == .unsupported)
    let ofOtherKind = expected.replacing(". ", with: ", not a picture")
    #expect(
      error.description.contains(expected) || error.description.contains(ofOtherKind), "\(error)")
  }

  private static let beginnings: [(bytes: [UInt8], words: String)] = [
    ([0x1F, 0x8B, 8, 0], "this is a gzip archive, not a picture. Unpack it first"),
    ([], "there are no bytes"), ([0xFF], "known format"), ([0xC3], "known format"),
    ([0xE2, 0x82], "known format"), ([0x61, 0xE2, 0x82], "known format"),
    ([0xFF, 0xD8], "the JPEG ends after 2 bytes"), ([0x89, 0x50, 0x4E], "the PNG ends after 3"),
    ([0x89, 0x50, 0x4E, 0x47, 0x0D], "the PNG ends after 5 bytes"),
    ([UInt8]("GIF89".utf8), "the GIF ends after 5 bytes"),
    ([0x47, 0x49, 0x46, 0x38, 0x38, 0x61, 0, 0], "the signature of this GIF is damaged"),
    ([0x42, 0x4D, 0, 1, 0, 0, 0, 0, 0, 0, 54], "the BMP ends after 11 bytes"),
    ([UInt8]("RIFF....WEBPVP8 ".utf8), "the WebP ends too early"),
    (
      [0x42, 0x4D, 0, 1, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 16, 0, 0, 0],
      "this kind of BMP is not supported: a header of 16 bytes"
    ),
  ]

  /// Bytes that are no text, however few: none of them may pass for the end of a character.
  @Test(arguments: beginnings)
  func fewBytes(bytes: [UInt8], words: String) throws {
    let error = try #require(throws: CNNError.self) { try PictureDecoder().decode(bytes) }
    #expect(error.description.contains(words), "\(error)")
  }

  /// A character that only the end of the looked-at beginning splits.
  @Test(arguments: 0..<4) func splitCharacters(shift: Int) throws {
    let text = String(repeating: "a", count: shift) + String(repeating: "\u{1F415}", count: 400)
    let error = try #require(throws: CNNError.self) {
      try PictureDecoder().decode(Array(text.utf8))
    }
    #expect(error.description.contains("a text file"), "\(error)")
  }

  @Test func fileURLs() throws {
    let path = FixturePicture.path("rgb8.png")
    let expected = try PictureDecoder().decode(path)
    #expect(try PictureDecoder().decode(URL(fileURLWithPath: path.string)) == expected)
    #expect(
      try PictureDecoder().decode(encoded: Data(FixturePicture.bytes("rgb8.png"))) == expected)
    let remote = try #require(URL(string: "https://example.com/cat.jpg"))
    let error = try #require(throws: CNNError.self) { try PictureDecoder().decode(remote) }
    #expect(error.description.hasPrefix("https://example.com/cat.jpg: this is no file URL"))
  }

  @Test func damagedSignature() throws {
    var bytes = try FixturePicture.bytes("rgb8.png")
    bytes.remove(at: 4)
    let error = try #require(throws: CNNError.self) { try PictureDecoder().decode(bytes) }
    #expect(error.description.contains("copied as text"))
  }

  /// The content decides, and the message names the file.
  @Test func files() throws {
    let folder = try TemporaryFolder()
    let decoder = PictureDecoder()
    func failure(_ name: String) throws -> CNNError {
      try #require(throws: CNNError.self) { try decoder.decode(folder.path(name)) }
    }
    try folder.write([], to: "empty.jpg")
    try folder.write("hello".utf8, to: "text.jpg")
    try folder.write(FixturePicture.bytes("rgb8.png"), to: "really-png.jpg")
    #expect(try failure("missing.jpg").code == .notFound)
    #expect(try failure("empty.jpg").code == .empty)
    #expect(try failure("text.jpg").description.contains("text.jpg: this is a text file"))
    #expect(try decoder.decode(folder.path("really-png.jpg")).format == .png)
    #expect(try failure(".").description.contains("this is a folder"))
    #expect(mkfifo(folder.path("fifo.jpg").string, 0o600) == 0)
    let time = try ContinuousClock().measure {
      let error = try failure("fifo.jpg")
      #expect(error.description.contains("FIFO"))
    }
    #expect(time < .seconds(2))
  }

  /// In a folder, the name or the content says what is a picture; lists and notes are none.
  @Test func candidates() throws {
    let folder = try TemporaryFolder()
    for name in ["rgb8.png", "ycbcr-444.jpg", "lossy.webp", "palette.gif", "palette1-os2.bmp"] {
      let path = try folder.write(FixturePicture.bytes(name), to: "\(name)-copy")
      #expect(PictureFormat.isCandidate(path), "\(name)")
    }
    #expect(PictureFormat.isCandidate(try folder.write("no picture".utf8, to: "claims.WEBP")))
    for text in [
      "BMW,1\ncat,2\nother,3\n", "GIF, JPEG\n", "RIFF and more text here\n", "file,label\n",
    ] {
      #expect(!PictureFormat.isCandidate(try folder.write(text.utf8, to: "labels.csv")), "\(text)")
    }
  }
}
