import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

@testable import CNNTraining

@Suite struct ListFileTests {
  private func dataSet(
    _ text: String, name: String = "list.txt", pictures: [String], classes: [String]? = nil
  ) throws -> (set: DataSet, names: [String]) {
    let folder = try TemporaryFolder()
    for picture in pictures { try folder.write([1], to: picture) }
    let list = try folder.write(text.utf8, to: name)
    let set = try ListFile(list).dataSet(classNames: classes)
    let start = folder.path.string + "/"
    return (
      set,
      set.pictures.map { picture in
        guard case .file(let path) = picture.source else { return "?" }
        return String(path.string.dropFirst(start.count))
      }
    )
  }

  /// What editors and spreadsheets make of a list.
  @Test(arguments: [
    ("a.jpg 0\nb c.jpg 1\n", "list.txt"),
    ("\u{FEFF}a.jpg 0\r\n\r\nb c.jpg\t1\r\n", "list.txt"),
    ("  a.jpg   0  \n\n\"b c.jpg\" \"1\"", "list.txt"),
    ("a.jpg 0\rb c.jpg 1\r", "list.txt"),
    ("a.jpg,0\nb c.jpg,1\n", "list.csv"),
    ("path,label\r\na.jpg,0\r\n\"b c.jpg\",1\r\n", "list.csv"),
    ("label,score,file\n0,0.5,a.jpg\n1,0.25,b c.jpg\n", "list.csv"),
    ("a.jpg , 0\n\"b c.jpg\" , \"1\"\n", "list.csv"),
    ("a.jpg,0\n\"b c.jpg\",1\n", "list.txt"),
  ])
  func formsOfOneList(text: String, name: String) throws {
    let (set, names) = try dataSet(text, name: name, pictures: ["a.jpg", "b c.jpg"])
    #expect(names == ["a.jpg", "b c.jpg"])
    #expect(set.pictures.map(\.classIndex) == [0, 1])
    #expect(set.classNames == ["0", "1"])
  }

  @Test func labelsMayBeNames() throws {
    let text = "1.jpg dog\n2.jpg cat\n3.jpg \"African elephant\"\n"
    let pictures = ["1.jpg", "2.jpg", "3.jpg"]
    let (sorted, _) = try dataSet(text, pictures: pictures)
    #expect(sorted.classNames == ["African elephant", "cat", "dog"])
    #expect(sorted.pictures.map(\.classIndex) == [2, 1, 0])
    // A given order decides, and its numbers may be used beside its names.
    let (given, _) = try dataSet(
      "1.jpg dog\n2.jpg 1\n", pictures: pictures, classes: ["dog", "cat"])
    #expect(given.pictures.map(\.classIndex) == [0, 1])
  }

  /// A class may be called 2 and be the first: the lists of a split mean its index, whatever the names
  /// are, and these survive any bytes a folder's name may have.
  @Test(arguments: [
    ["1", "2", "3"], (0...11).map { "\($0)" }.sorted(), [" cat ", "a \"b\"", "line\nbreak", "\"x"],
  ])
  func splitsOfAnyNamesAreReadAsTheyWereWritten(_ names: [String]) throws {
    let folder = try TemporaryFolder()
    let pictures = try names.indices.flatMap { classIndex in
      try (0..<4).map { number in
        LabelledPicture(
          .file(try folder.write([1], to: "pictures/\(classIndex).\(number).jpg")),
          classIndex: classIndex)
      }
    }
    let split = try DataSplit(DataSet(classNames: names, pictures: pictures), validationShare: 0.5)
    try split.write(to: folder.path)
    let read = try DataSplit(readingFrom: folder.path)
    #expect(read.training.classNames == names)
    #expect(read.training.pictures.map(\.classIndex) == split.training.pictures.map(\.classIndex))
    #expect(
      read.validation.pictures.map(\.classIndex) == split.validation.pictures.map(\.classIndex))
    // Another order of the classes moves their numbers.
    let turned = try DataSplit(readingFrom: folder.path, classNames: names.reversed())
    #expect(
      turned.training.pictures.map(\.classIndex)
        == split.training.pictures.map { names.count - 1 - $0.classIndex })
  }

  @Test func classNamesStandBesideTheList() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "a.jpg")
    try folder.write("cat\r\nAfrican elephant\n".utf8, to: "classes.txt")
    let list = try folder.write("a.jpg 1\n".utf8, to: "list.txt")
    let set = try ListFile(list).dataSet(classNames: nil)
    #expect(set.classNames == ["cat", "African elephant"])
    #expect(set.countsByClass == [0, 1])
  }

  /// Errors tell the lines, the first ten of them, and how many there are.
  @Test(arguments: [
    (
      "a.jpg 0\nb.jpg\n\nc.jpg\n", ["line 2: the label is missing", "line 4: the label is missing"]
    ),
    ("a.jpg 0\n\"b.jpg 1\n", ["line 2: a quotation mark is not closed"]),
    ("a.jpg 0\n\"b\\q.jpg\" 1\n", ["line 2: a backslash in quotes is not followed by one of "]),
    ("a.jpg 0\nb.jpg 1 2\n\"b.jpg\" 1 2\n", ["line 3: there is more than a label"]),
    ("a.jpg 0\na.jpg one\n", ["line 2: found one, expected a number"]),
    ("a.jpg 0\na.jpg -1\n", ["line 2: found -1, expected a number"]),
    ("a.jpg 0\na.jpg 99999999999999999999\n", ["line 2: found 99999999999999999999"]),
    ("a.jpg 0\nb.jpg 1\n", ["line 2: b.jpg"]),
  ])
  func badLinesAreNamed(text: String, expected: [String]) throws {
    let error = #expect(throws: CNNError.self) {
      _ = try dataSet(text, pictures: ["a.jpg"])
    }
    #expect(error?.domain == .data)
    let details = error?.details ?? []
    #expect(details.count == expected.count)
    for (detail, start) in zip(details, expected) {
      #expect(detail.hasPrefix(start), "\(detail)")
    }
  }

  @Test func manyBadLinesAreCounted() throws {
    let text = (0..<25).map { "missing\($0).jpg 0\n" }.joined()
    let error = #expect(throws: CNNError.self) { _ = try dataSet(text, pictures: []) }
    #expect(error?.code == .notFound)
    #expect(error?.problem.contains("(25)") == true)
    #expect(error?.details.count == 11)
    #expect(error?.details.last == "... and 15 more")
  }

  @Test(arguments: ["", "\n\n", "\u{FEFF}\r\n"])
  func aListWithoutPicturesIsRefused(text: String) throws {
    let error = #expect(throws: CNNError.self) { _ = try dataSet(text, pictures: []) }
    #expect(error?.code == .empty)
  }

  /// Every name that a file can have is read back, byte for byte.
  @Test func oddNamesSurvive() throws {
    let names: [[UInt8]] =
      [
        "plain.jpg", "two words.jpg", " ends .jpg ", "\"quoted\".jpg", "back\\slash.jpg",
        "höhle.jpg",
      ]
      .map { Array($0.utf8) } + [
        [0x61, 0x0A, 0x62], [0xFF, 0xFE, 0x2E], [0x0D], [0x09, 0x7F, 0xC3],
      ]
    for name in names {
      let line = ListSyntax.textField(name) + Array(" 12".utf8)
      #expect(!line.contains(0x0A) && !line.contains(0x0D))
      #expect(String(validating: line, as: UTF8.self) != nil)
      let fields = try ListSyntax.textFields(line[...])
      #expect(fields.path == name)
      #expect(fields.label == Array("12".utf8))
    }
  }
}
