import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import SystemPackage
import Testing

/// A small weights file in a fixture, with what a second implementation reads from it.
struct WeightsFixture: Decodable, Sendable, CustomTestStringConvertible {
  struct Array: Decodable {
    let name: String
    let shape: [Int]
    /// Type in the file, as safetensors calls it.
    let type: String
    /// Float32, little-endian, row-major.
    let floats: Data
  }

  let name: String
  let file: Data
  let format: String
  let arrays: [Array]
  /// Names of the arrays that must not be copied.
  let inPlace: [String]
  /// Names of the entries that are no arrays of numbers.
  let ignored: [String]
  let metadata: [String: String]
  /// The entry that the caller names; nil for none.
  let entry: String?
  /// Words that the notes contain, in their order; nil or none where there are no notes.
  let notes: [String]?

  /// How the file is read.
  var options: WeightsReadingOptions { WeightsReadingOptions(entry: entry) }

  var testDescription: String { name }

  /// All cases of `Fixtures/valid_<name>.json`, which `weights_files.py` and
  /// `weights_checkpoints.py` write.
  static func all(_ name: String, testFile: String = #filePath) throws -> [WeightsFixture] {
    try Fixture("valid_\(name).json", testFile: testFile).decode()
  }

  static let groups = ["npy", "pickle", "npz", "safetensors", "torch", "checkpoint"]
}

/// Calls `body` with a path in a new folder, which is removed afterwards.
func withTemporaryPath<Result>(
  _ name: String, _ body: (FilePath) throws -> Result
) throws -> Result {
  let folder = try TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder.path(name)) }
}

/// Calls `body` with the path of a new file of `bytes`.
func withFile<Result>(
  _ bytes: some Collection<UInt8>, name: String = "array.bin",
  _ body: (FilePath) throws -> Result
) throws -> Result {
  try withTemporaryPath(name) { path in
    try Data(bytes).write(to: URL(fileURLWithPath: path.string))
    return try body(path)
  }
}

extension NamedArray {
  /// The elements as bytes to compare.
  func floatData() throws -> Data { Data(try floats().array) }
}

/// A second CRC-32 to check the library's with.
func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  let table = (0..<256).map { (byte: UInt32) in
    (0..<8).reduce(byte) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
  }
  return table.withUnsafeBufferPointer { table in
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
    return ~crc
  }
}
