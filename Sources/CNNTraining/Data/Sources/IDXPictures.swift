internal import CNNCore
internal import CNNImage
internal import CNNSystem
internal import SystemPackage

/// The grey pictures of an idx file. They stay 8-bit and in one piece: MNIST needs 47 MB.
struct IDXPictures {
  private let path: FilePath
  private let pixels: Bytes
  private let size: Extent
  /// The number of pictures.
  let count: Int

  /// Reads a file `[N, rows, columns]`.
  ///
  /// - Throws: as `IDXFile`; `invalidShape` for sizes that no picture has.
  init(_ path: FilePath) throws(CNNError) {
    let file = try IDXFile(path)
    let sides = 1...Pixels.maximumSide
    guard
      file.shape.count == 3, sides.contains(file.shape[1]), sides.contains(file.shape[2])
    else {
      throw CNNError(
        .data, .invalidShape, "this idx file holds no pictures", subject: path.displayName,
        found: "\(file.shape)", expected: "[count, rows, columns]")
    }
    self.path = path
    pixels = file.elements
    count = file.shape[0]
    size = Extent(height: file.shape[1], width: file.shape[2])
  }

  /// One picture. Precondition: the file has it.
  subscript(index: Int) -> PictureSource {
    precondition((0..<count).contains(index), "no picture \(index) in this idx file")
    let area = size.height * size.width
    return .idxPicture(
      file: path, index: index, pixels: pixels[index * area..<(index + 1) * area], size: size)
  }

  /// The data set of this file and its labels.
  ///
  /// - Parameter classNames: nil names the classes by their numbers.
  /// - Throws: as `IDXFile`; `mismatch` where the counts differ; `unknown` for a label without a
  ///   name.
  func dataSet(labels path: FilePath, classNames: [String]?) throws(CNNError) -> DataSet {
    let file = try IDXFile(path)
    guard file.shape == [count] else {
      throw CNNError(
        .data, .mismatch, "the labels do not belong to the pictures of \(self.path.displayName)",
        subject: path.displayName, found: "\(file.shape)", expected: "[\(count)]")
    }
    let labels = file.elements.array.map { Int($0) }
    let largest = labels.max() ?? 0
    let names = classNames ?? (0...largest).map(String.init)
    guard largest < names.count else {
      throw CNNError(
        .data, .unknown, "there is a label without a class name", subject: path.displayName,
        found: "\(largest)", expected: "at most \(names.count - 1)")
    }
    return DataSet(
      classNames: names,
      pictures: labels.indices.map { LabelledPicture(self[$0], classIndex: labels[$0]) })
  }
}
