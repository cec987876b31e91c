/// What the reader of one format has found in a file.
struct FileContents {
  /// The arrays in order.
  var arrays: [NamedArray] = []
  /// What is no array of numbers.
  var ignored: [NamedArrays.IgnoredEntry] = []
  /// The file's own remarks.
  var metadata: [String: String] = [:]
}
