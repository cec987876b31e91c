import CNNImage
import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// Pixels as the fixture scripts write them: `{"width": 2, "height": 1, "rgb": "base64"}`.
struct FixturePixels: Decodable {
  let width: Int
  let height: Int
  let rgb: Data

  func pixels() throws -> Pixels {
    try Pixels(width: width, height: height, rgb: [UInt8](rgb))
  }
}

/// The small files that `Scripts/fixtures/pictures.py` writes.
enum FixturePicture {
  /// Extension, number of files, and format.
  static let kinds: [(suffix: String, count: Int, format: PictureFormat)] = [
    ("jpg", 19, .jpeg), ("png", 38, .png), ("webp", 9, .webP), ("gif", 13, .gif), ("bmp", 38, .bmp),
  ]
  static let all = kinds.flatMap { names(withExtension: $0.suffix) }

  static func path(_ name: String) -> FilePath {
    FilePath(Fixture("pictures").url.path).appending(name)
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: Fixture("pictures").url.appendingPathComponent(name)))
  }

  static func names(withExtension suffix: String) -> [String] {
    let all = try? FileManager.default.contentsOfDirectory(atPath: Fixture("pictures").url.path)
    return (all ?? []).filter { $0.hasSuffix("." + suffix) }.sorted()
  }
}

extension PictureDecoder {
  func decode(_ bytes: [UInt8]) throws(CNNError) -> DecodedPicture {
    try decode(encoded: bytes)
  }
}

/// Expects equal sizes and bytes, and names the first pixel that differs.
func expectEqual(
  _ actual: Pixels, _ expected: Pixels, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual != expected else { return }
  var text = "\(name): \(actual.size), expected \(expected.size)"
  if actual.size == expected.size {
    let differing = zip(actual.bytes, expected.bytes).enumerated().filter {
      $0.element.0 != $0.element.1
    }
    let pairs = differing.prefix(5).map { "byte \($0.offset): \($0.element.0) for \($0.element.1)" }
    text += ", \(differing.count) bytes differ: " + pairs.joined(separator: ", ")
  }
  Issue.record("\(text)", sourceLocation: sourceLocation)
}

/// The picture of the same name in `Scripts/fixtures/preprocessing.py`.
func formulaPicture(width: Int, height: Int) throws -> Pixels {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      for c in 0..<3 {
        bytes.append(UInt8((3 * x * x + 7 * y * y + 5 * x * y * (c + 1) + 40 * c) % 256 / (c + 1)))
      }
    }
  }
  return try Pixels(width: width, height: height, rgb: bytes)
}

/// CRC-32 as in zlib.
func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  var table = [UInt32](0..<256)
  for index in table.indices {
    for _ in 0..<8 {
      let isOdd = table[index] & 1 == 1
      table[index] >>= 1
      if isOdd { table[index] ^= 0xEDB8_8320 }
    }
  }
  var value = UInt32.max
  for byte in bytes {
    let index = Int((value ^ UInt32(byte)) & 0xFF)
    value = (value >> 8) ^ table[index]
  }
  return ~value
}
