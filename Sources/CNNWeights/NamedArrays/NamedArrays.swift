public import CNNSystem
public import SystemPackage

/// The arrays of one weights file, in the order of the file, each under its own name.
public struct NamedArrays: Sendable {
  /// Something in the file that is no array of numbers, such as an epoch counter.
  public struct IgnoredEntry: Sendable, Hashable {
    /// The name in the file.
    public let name: String
    /// What it is, in words.
    public let reason: String
  }

  /// The arrays in order; no two have one name.
  public let arrays: [NamedArray]
  /// The file's own remarks (`__metadata__` of safetensors); empty for formats without any.
  public let metadata: [String: String]
  /// What the file was; nil for arrays that were made in memory.
  public let format: WeightsFormat?
  /// Where the file lies; nil for arrays that were made in memory.
  public let path: FilePath?
  /// What else the file holds and nobody reads.
  public let ignored: [IgnoredEntry]
  private let positions: [String: Int]

  /// A list of arrays.
  ///
  /// - Throws: `corrupt` where two of them have one name.
  public init(
    _ arrays: [NamedArray], metadata: [String: String] = [:]
  ) throws(CNNError) {
    try self.init(arrays, metadata: metadata, format: nil, path: nil, ignored: [])
  }

  init(
    _ arrays: [NamedArray], metadata: [String: String] = [:], format: WeightsFormat?,
    path: FilePath?, ignored: [IgnoredEntry] = []
  ) throws(CNNError) {
    var positions: [String: Int] = [:]
    for (position, array) in arrays.enumerated() {
      guard positions.updateValue(position, forKey: array.name) == nil else {
        throw CNNError(
          .weights, .corrupt, "two arrays have one name", subject: path?.displayName,
          at: .tensor(array.name.printable))
      }
    }
    self.arrays = arrays
    self.metadata = metadata
    self.format = format
    self.path = path
    self.ignored = ignored
    self.positions = positions
  }

  /// The names in order.
  public var names: [String] { arrays.map(\.name) }

  /// The number of arrays.
  public var count: Int { arrays.count }

  /// The size of all elements in their own types, in bytes.
  public var byteCount: Int { arrays.reduce(0) { $0 + $1.byteCount } }

  /// The array `name`, or nil.
  public subscript(name: String) -> NamedArray? { positions[name].map { arrays[$0] } }
}

extension NamedArrays {
  /// The same arrays, each under the name that `newName` gives it.
  ///
  /// - Throws: `corrupt` where two arrays get one name.
  public func renamed(_ newName: (String) -> String) throws(CNNError) -> NamedArrays {
    try NamedArrays(
      arrays.map { array in
        var copy = array
        copy.name = newName(array.name)
        return copy
      }, metadata: metadata, format: format, path: path, ignored: ignored)
  }

  /// The arrays whose names do not satisfy `isDropped`.
  public func dropping(where isDropped: (String) -> Bool) throws(CNNError) -> NamedArrays {
    try NamedArrays(
      arrays.filter { !isDropped($0.name) }, metadata: metadata, format: format, path: path,
      ignored: ignored)
  }

  /// The same arrays without `prefix` before their names, such as the `module.` of PyTorch's
  /// `DataParallel`; unchanged where a single name does not begin with it.
  public func strippingCommonPrefix(_ prefix: String) throws(CNNError) -> NamedArrays {
    guard names.allSatisfy({ $0.hasPrefix(prefix) && $0.count > prefix.count }) else { return self }
    return try renamed { String($0.dropFirst(prefix.count)) }
  }
}
