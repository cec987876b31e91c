import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import Testing

/// Files that break one rule each (`weights_malformed.py`): every one is an error that names the
/// file, on one line, with the words that help, at opening or at the first use of an array.
@Suite struct MalformedFileTests {
  struct Malformed: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let file: Data
    let code: String
    let words: [String]
    var testDescription: String { name }
  }

  static func all() throws -> [Malformed] {
    try ["npy", "zip", "pickle", "safetensors", "torch"].flatMap {
      try Fixture("malformed_\($0).json").decode([Malformed].self)
    }
  }

  @Test(arguments: try all())
  func isRefused(_ malformed: Malformed) throws {
    try withFile(malformed.file, name: "weights.bin") { path in
      let error = #expect(throws: CNNError.self) {
        for array in try WeightsFile.read(path).arrays { _ = try array.floats() }
      }
      let text = error?.description ?? ""
      #expect(error?.domain == .weights)
      #expect(error?.code.rawValue == malformed.code, "\(text)")
      #expect(text.hasPrefix(path.string), "\(text)")
      #expect(text.allSatisfy { !$0.isNewline && $0 != "\u{1B}" }, "\(text)")
      for word in malformed.words { #expect(text.contains(word), "\(text)") }
    }
  }

  /// Files of other kinds, and the word that tells the user which.
  @Test(arguments: [
    ("", "empty"), ("\u{89}HDF\r\n\u{1A}\n----", "HDF5"), ("\u{8}\u{7}\u{12}\u{7}pytorch", "ONNX"),
    ("\n\u{7}AlexNet\u{12}", "Caffe"), ("\u{1C}\0\0\0TFL3", "TensorFlow Lite"),
    ("GGUF\u{3}\0\0\0", "GGUF"), ("\u{1F}\u{8B}\u{8}\0", "gzip archive"), ("BZh91AY", "bzip2"),
    ("\u{80}\u{4}N.", "pickle"), ("\n <!DOCTYPE html><html>", "web page"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:1", "git lfs pull"),
    ("\u{FF}\u{D8}\u{FF}\u{E0}", "picture (JPEG)"),
    ("{\"error\": \"not found\"}", "JSON"), ("Name,Size\n", "text file"), ("%PDF-1.7", "PDF"),
    ("\u{1}\u{2}\u{3}", "not a weights file"),
    (String(repeating: "\0", count: 600), "zero bytes"), ("\u{FF}\u{D8}", "not a weights file"),
    ("./pickle" + String(repeating: "\0", count: 249) + "ustar", "before 0.2"),
    ("weights/vgg16.npz" + String(repeating: "\0", count: 240) + "ustar", "tar -xf"),
  ])
  func foreignFilesAreNamed(start: String, word: String) throws {
    // One byte for each character, so that the table can be written as text.
    let bytes = start.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    try withFile(bytes) { path in
      let error = #expect(throws: CNNError.self) { try WeightsFile.read(path) }
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
  }

  /// A safetensors file begins with the length of its header, which may be the signature of another
  /// format: 65,536 is that of an icon, 0x00088B1F that of gzip.
  @Test(arguments: [65_536, 0x8_8B1F]) func lengthsThatLookLikeSignatures(length: Int) throws {
    let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    let padding = [UInt8](repeating: 0x20, count: length - header.utf8.count)
    let prefix = withUnsafeBytes(of: UInt64(length).littleEndian) { Array($0) }
    try withFile(prefix + Array(header.utf8) + padding + [0, 0, 0x80, 0x3F]) { path in
      let array = try #require(try WeightsFile.read(path)["a"])
      #expect(try array.floats().array == [0, 0, 0x80, 0x3F])
    }
  }

  @Test func checksumsAreOnlySkippedOnRequest() throws {
    let malformed = try #require(try Self.all().first { $0.name == "wrong-checksum" })
    try withFile(malformed.file) { path in
      let lenient = WeightsReadingOptions(verifiesChecksums: false)
      #expect(try WeightsFile.read(path, options: lenient).arrays[0].floats().count == 24)
      // Opening alone does not read the numbers, and so does not notice.
      let array = try WeightsFile.read(path).arrays[0]
      let error = #expect(throws: CNNError.self) { try array.floats() }
      #expect(error?.description.contains("checksum") == true)
      #expect(try WeightsFile.read(path).arrays[1].floats().count == 24)
    }
  }

  @Test func announcedSizesAreLimited() throws {
    let fixture = try #require(try WeightsFixture.all("npz").first)
    try withFile(fixture.file) { path in
      let size = fixture.arrays.reduce(0) { $0 + $1.floats.count }
      let exact = WeightsReadingOptions(maximumByteCount: size)
      let arrays = try WeightsFile.read(path, options: exact)
      #expect(arrays.count == fixture.arrays.count)
      let error = #expect(throws: CNNError.self) {
        try WeightsFile.read(path, options: WeightsReadingOptions(maximumByteCount: size - 1))
      }
      #expect(error?.code == .tooLarge)
    }
  }
}
