public import CNNCore
public import Foundation

/// A small file of golden values beside the tests that use it, written by a script of the same
/// name in `Scripts/fixtures`.
public struct Fixture {
  /// The file.
  public let url: URL

  /// The file `name` in the folder `Fixtures` beside the calling test.
  public init(_ name: String, testFile: String = #filePath) {
    url = URL(fileURLWithPath: testFile).deletingLastPathComponent()
      .appendingPathComponent("Fixtures").appendingPathComponent(name)
  }

  /// The file, decoded from JSON.
  public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
  }
}

/// A tensor as the fixture scripts write it: `{"shape": [2, 3], "data": [...]}`.
public struct FixtureTensor: Decodable, Sendable {
  /// The size of each dimension.
  public let shape: [Int]
  /// The elements in row-major order.
  public let data: [Float]

  /// The tensor itself.
  public var tensor: Tensor { Tensor(shape: shape, elements: data) }
}
