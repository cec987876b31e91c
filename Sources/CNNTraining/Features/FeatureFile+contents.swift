internal import CNNSystem
internal import SystemPackage

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension FeatureFile {
  /// The longest key that is read, in bytes.
  private static let maximumKeyLength = 8 << 20

  /// The key of a file, and how many records stand behind it.
  ///
  /// - Throws: `corrupt` or `truncated` where it is no file of features; `notFound`, `unreadable`.
  static func contents(of path: FilePath) throws(CNNError) -> FeatureCache.Contents {
    let file = try InputFile(path, domain: .data)
    do {
      let key = try key(in: file)
      let header = header(key).count
      let decoded = try decode(key)
      return FeatureCache.Contents(
        key: decoded,
        count: max(0, file.size - header) / recordSize(payloadSize: decoded.payloadSize))
    } catch {
      throw error.about(path.displayName)
    }
  }

  /// The bytes of the key, which follow the magic number.
  private static func key(in file: borrowing InputFile) throws(CNNError) -> [UInt8] {
    let start = magic.count + MemoryLayout<UInt64>.size
    var reader = ByteReader(try file.read(first: start), domain: .data)
    guard try reader.read(count: magic.count).array == magic else {
      throw CNNError(.data, .corrupt, "this is no file of features")
    }
    let length = try reader.read(UInt64.self, .little)
    guard length <= UInt64(maximumKeyLength) else {
      throw CNNError(
        .data, .corrupt, "the key of the features is too long", found: "\(length) bytes",
        expected: "at most \(maximumKeyLength)")
    }
    reader = ByteReader(try file.read(first: start + Int(length)), domain: .data)
    try reader.skip(start)
    return try reader.read(count: Int(length)).array
  }

  private static func decode(_ key: [UInt8]) throws(CNNError) -> FeatureKey {
    do {
      return try JSONDecoder().decode(FeatureKey.self, from: Data(key))
    } catch {
      throw CNNError(.data, .corrupt, "the key of the features cannot be read")
    }
  }
}
