import CNNImage
import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

@testable import CNNTraining

@Suite struct DataSourceTests {
  @Test func filesNamedByClass() throws {
    let folder = try TemporaryFolder()
    for name in ["dog.1.jpg", "cat.0.jpg", "cat.10.jpg", "dog.0.jpeg"] {
      try folder.write([1], to: name)
    }
    try folder.write([1], to: "notes.txt")
    let source = try DataSource(at: folder.path)
    #expect(source.form == .namedFiles)
    #expect(source.training.classNames == ["cat", "dog"])
    #expect(
      source.training.pictures.map { $0.source.name.split(separator: "/").last ?? "" }
        == ["cat.0.jpg", "cat.10.jpg", "dog.0.jpeg", "dog.1.jpg"])
    #expect(source.training.countsByClass == [2, 2])
    #expect(source.description.contains("4 pictures of 2 classes (cat: 2, dog: 2)"))
    // Another order of the classes, and one that lacks a class.
    let other = try DataSource(at: folder.path, classNames: ["dog", "cat"])
    #expect(other.training.pictures.map(\.classIndex) == [1, 1, 0, 0])
    #expect(throws: CNNError.self) { try DataSource(at: folder.path, classNames: ["dog"]) }
    // One name without a class, and the whole folder is in doubt.
    try folder.write([1], to: "IMG_0001.jpg")
    let error = #expect(throws: CNNError.self) { try DataSource(at: folder.path) }
    #expect(error?.problem == "1 of 5 pictures do not tell their class")
    #expect(error?.details.first?.hasSuffix("IMG_0001.jpg") == true)
  }

  @Test func foldersOfClassesAndParts() throws {
    let folder = try TemporaryFolder()
    for name in [
      "train/dog/b/1.jpg", "train/cat/1.jpg", "train/cat/2.png", "test/cat/1.jpg", "val/dog/1.jpg",
    ] {
      try folder.write([1], to: name)
    }
    let source = try DataSource(at: folder.path)
    #expect(source.form == .classFolders)
    #expect(source.training.countsByClass == [2, 1])
    #expect(source.validation?.countsByClass == [0, 1])
    #expect(source.test?.countsByClass == [1, 0])
    #expect(source.all.count == 5)
    // A test folder without classes, as Kaggle's, is left out with a note.
    try folder.write([1], to: "test/7.jpg")
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("test/cat"))
    let kaggle = try DataSource(at: folder.path)
    #expect(kaggle.test == nil)
    #expect(kaggle.notes.count == 1)
    // A class that is called train.
    try folder.write([1], to: "ship/1.jpg")
    let classes = try DataSource(at: folder.path).training.classNames
    #expect(classes == ["ship", "test", "train", "val"])
  }

  /// A run that lies among the pictures has plots: they are no data, and `runs` is no class.
  @Test func runsAmongThePicturesAreNoData() throws {
    let folder = try TemporaryFolder()
    for name in ["cat/1.jpg", "dog/1.jpg", "runs/a/plots/loss.png", "runs/a/run.json"] {
      try folder.write([1], to: name)
    }
    let classes = try DataSource(at: folder.path)
    #expect(classes.training.classNames == ["cat", "dog"] && classes.training.count == 2)
    let parts = try TemporaryFolder()
    for name in ["train/cat/1.jpg", "train/dog/1.jpg", "runs/a/plots/loss.png", "runs/a/run.json"] {
      try parts.write([1], to: name)
    }
    #expect(try DataSource(at: parts.path).training.classNames == ["cat", "dog"])
    let named = try TemporaryFolder()
    for name in ["cat.1.jpg", "dog.1.jpg", "run/plots/loss.png", "run/run.json"] {
      try named.write([1], to: name)
    }
    #expect(try DataSource(at: named.path).form == .namedFiles)
  }

  /// A part with some of the classes is not silently left out for one that is misspelt.
  @Test func anUnknownClassInAPartIsAnError() throws {
    let folder = try TemporaryFolder()
    for name in ["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/2.jpg", "val/dgo/2.jpg"] {
      try folder.write([1], to: name)
    }
    let error = #expect(throws: CNNError.self) { try DataSource(at: folder.path) }
    #expect(error?.found == "dgo" && error?.expected == "cat, dog")
  }

  @Test func lists() throws {
    let folder = try TemporaryFolder()
    for name in ["a.jpg", "b.jpg", "c.jpg"] { try folder.write([1], to: name) }
    try folder.write("a.jpg cat\nb.jpg dog\n".utf8, to: "train.txt")
    try folder.write("c.jpg dog\n".utf8, to: "val.txt")
    let source = try DataSource(at: folder.path)
    #expect(source.form == .list)
    #expect(source.training.count == 2)
    #expect(source.validation?.pictures.map(\.classIndex) == [1])
  }

  @Test func whatIsNoDataSetIsNamed() throws {
    let folder = try TemporaryFolder()
    func code(_ path: FilePath) -> CNNError.Code? {
      do throws(CNNError) {
        _ = try DataSource(at: path)
        return nil
      } catch {
        #expect(error.domain == .data)
        return error.code
      }
    }
    #expect(code(folder.path("nowhere")) == .notFound)
    #expect(code(folder.path) == .notFound)
    #expect(code(try folder.copyPicture("rgb8.png", to: "one.png")) == .unsupported)
    #expect(code(try folder.write([0, 1, 2, 3], to: "binary")) == .unsupported)
    try folder.write([1], to: "class/a.jpg")
    // Pictures beside folders of pictures: which of the two is meant?
    #expect(code(folder.path) == .unsupported)
  }

  // MARK: idx

  /// Two pictures of 2x3 and their labels.
  private static let images: [UInt8] =
    [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(1...12)
  private static let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 7, 2]

  @Test func idxFiles() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.images, to: "train-images-idx3-ubyte")
    try folder.write(Self.labels, to: "train-labels-idx1-ubyte")
    for place in [folder.path, path] {
      let set = try DataSource(at: place).training
      #expect(set.classNames == (0...7).map(String.init))
      #expect(set.pictures.map(\.classIndex) == [7, 2])
      let pixels = try set.pictures[1].source.decode().pixels
      #expect(
        pixels == (try Pixels(width: 3, height: 2, gray: [7, 8, 9, 10, 11, 12])))
    }
    // A list can name pictures of an idx file, so a split of them can be written.
    let list = try folder.write("train-images-idx3-ubyte#1 2\n".utf8, to: "list.txt")
    let listed = try DataSource(at: list).training.pictures
    #expect(listed.count == 1)
    #expect(try listed[0].source.decode().pixels.bytes.first == 7)
  }

  @Test func damagedIdxFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    func code(_ images: [UInt8], _ labels: [UInt8]) throws -> CNNError.Code? {
      try folder.write(images, to: "train-images-idx3-ubyte")
      try folder.write(labels, to: "train-labels-idx1-ubyte")
      return #expect(throws: CNNError.self) { try DataSource(at: folder.path) }?.code
    }
    #expect(try code(Self.images.dropLast(), Self.labels) == .truncated)
    #expect(try code(Self.images + [0], Self.labels) == .truncated)
    #expect(try code(Array(Self.images.prefix(9)), Self.labels) == .truncated)
    #expect(try code(Self.images, [0, 0, 8, 1, 0, 0, 0, 1, 7]) == .mismatch)
    // Sizes whose product does not fit into 64 bits.
    let huge: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 0xFF, count: 12)
    #expect(try code(huge, Self.labels) == .tooLarge)
  }

  /// The same pictures as Python's gzip module writes them.
  private static let gzippedImages: [UInt8] = [
    31, 139, 8, 8, 0, 0, 0, 0, 2, 255, 105, 109, 97, 103, 101, 115, 0, 99, 96, 224, 96, 102, 96, 96,
    96, 130, 98, 102, 70, 38, 102, 22, 86, 54, 118, 14, 78, 46, 110, 30, 0, 72, 17, 12, 132, 28, 0,
    0, 0,
  ]

  /// Whatever byte is damaged or missing: either the file is refused or the pictures are the same.
  @Test func damagedGzipFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    func bytes(_ file: [UInt8]) throws -> [UInt8]? {
      let path = try folder.write(file, to: "images.gz")
      return (try? IDXFile(path))?.elements.array
    }
    let whole = Self.gzippedImages
    #expect(try bytes(whole) == Array(1...12))
    for index in whole.indices {
      for flip: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = whole
        damaged[index] ^= flip
        if let found = try bytes(damaged) { #expect(found == Array(1...12)) }
      }
      #expect(try bytes(Array(whole[..<index])) == nil)
    }
  }

  @Test(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
  func realMNIST() throws {
    let source = try DataSource(at: FilePath(TestData.file("mnist").path))
    #expect(source.form == .idx)
    // The counts of each digit, as the MNIST paper's many readers know them.
    #expect(
      source.training.countsByClass
        == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    #expect(
      source.test?.countsByClass == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    let first = try #require(try source.training.pictures.first?.source.decode().pixels)
    #expect(first.size == 28)
    // Row 5 of the first picture, a five: the values from column 12 on.
    #expect((12..<18).map { first[5, $0].red } == [3, 18, 18, 18, 126, 136])
  }

  @Test(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
  func realCatsAndDogs() throws {
    let source = try DataSource(at: FilePath(TestData.file("cats-vs-dogs/train").path))
    #expect(source.form == .namedFiles)
    #expect(source.training.classNames == ["cat", "dog"])
    #expect(source.training.countsByClass == [3000, 3000])
  }
}
