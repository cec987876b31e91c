public import CNNSystem
public import SystemPackage

/// The arrays of one weights file, in the order of the file, each under its own name.
///
/// It is a collection of them:
///
///     for array in try WeightsFile.read("resnet50.pth") { print(array.name, array.shape) }
public struct NamedArrays: Sendable {
  /// Something in the file that is no numeric array, such as a text.
  public struct IgnoredEntry: Sendable, Hashable {
    /// The name in the file.
    public let name: String
    /// What it is, in words.
    public let reason: String
  }

  /// The arrays in order; no two have the same name.
  package let arrays: [NamedArray]
  /// Texts that the file holds about itself (`__metadata__` of safetensors); empty for other formats.
  public let metadata: [String: String]
  /// The format of the file; nil for arrays that were made in memory.
  public let format: WeightsFormat?
  /// The path of the file; nil for arrays from memory.
  public let path: FilePath?
  /// Entries of the file that are not read.
  public let ignored: [IgnoredEntry]
  /// How the file was understood where it could have meant something else: sentences for its user,
  /// without a full stop, such as "module. is left out of all names".
  public let notes: [String]
  private let positions: [String: Int]

  /// A list of arrays.
  ///
  /// - Throws: `corrupt` where two of them have the same name.
  public init(
    _ arrays: [NamedArray], metadata: [String: String] = [:]
  ) throws(CNNError) {
    try self.init(FileContents(arrays: arrays, metadata: metadata), format: nil, path: nil)
  }

  init(_ contents: FileContents, format: WeightsFormat?, path: FilePath?) throws(CNNError) {
    var positions: [String: Int] = [:]
    for (position, array) in contents.arrays.enumerated() {
      guard positions.updateValue(position, forKey: array.name) == nil else {
        throw CNNError(
          .weights, .corrupt, "two arrays have one name", subject: path?.displayName,
          at: .tensor(array.name.printable))
      }
    }
    arrays = contents.arrays
    metadata = contents.metadata
    ignored = contents.ignored
    notes = contents.notes
    self.format = format
    self.path = path
    self.positions = positions
  }

  /// The names in order.
  public var names: [String] { arrays.map(\.name) }

  /// The size of all elements in their own types, in bytes.
  public var byteCount: Int { arrays.reduce(0) { $0 + $1.byteCount } }

  /// The array called `name`, or nil.
  public subscript(name: String) -> NamedArray? { positions[name].map { arrays[$0] } }
}

extension NamedArrays: RandomAccessCollection {
  /// Always 0.
  public var startIndex: Int { 0 }
  /// The number of arrays.
  public var endIndex: Int { arrays.count }

  /// The array at `position`, in the order of the file.
  public subscript(position: Int) -> NamedArray { arrays[position] }
}

// MARK: Changes

extension NamedArrays {
  /// The same file with other arrays, and with `newNotes` behind its notes.
  func replacing(
    _ arrays: [NamedArray], adding newNotes: [String] = []
  ) throws(CNNError) -> NamedArrays {
    let contents = FileContents(
      arrays: arrays, ignored: ignored, metadata: metadata, notes: notes + newNotes)
    return try NamedArrays(contents, format: format, path: path)
  }

  /// The same arrays, each under the name that `newName` gives it.
  ///
  /// - Throws: `corrupt` where two arrays get the same name.
  package func renamed(_ newName: (String) -> String) throws(CNNError) -> NamedArrays {
    try replacing(arrays.map { $0.renamed(newName($0.name)) })
  }

  /// The arrays whose names do not satisfy `isDropped`.
  package func dropping(where isDropped: (String) -> Bool) throws(CNNError) -> NamedArrays {
    try replacing(arrays.filter { !isDropped($0.name) })
  }
}
