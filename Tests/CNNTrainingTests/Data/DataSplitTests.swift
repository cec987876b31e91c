import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

@testable import CNNTraining

@Suite struct DataSplitTests {
  private func dataSet(_ counts: [Int], reversed: Bool = false) -> DataSet {
    let pictures = counts.enumerated().flatMap { classIndex, count in
      (0..<count).map { number in
        LabelledPicture(.file(FilePath("data/\(classIndex).\(number).jpg")), classIndex: classIndex)
      }
    }
    return DataSet(
      classNames: counts.indices.map { "class \($0)" },
      pictures: reversed ? pictures.reversed() : pictures)
  }

  private func names(_ dataSet: DataSet) -> Set<String> {
    Set(dataSet.pictures.map(\.source.name))
  }

  /// Exact in the whole, and by class up to one picture.
  @Test(arguments: [
    [3000, 3000], [100, 7, 33], [2, 2, 2], [5], [12500, 12500], [20, 21, 22, 23],
  ])
  func sharesAreExact(counts: [Int]) throws {
    let all = dataSet(counts)
    let split = try DataSplit(all, seed: 3)
    let total = Int((Double(all.count) * 0.15).rounded())
    // Every class is on both sides, which can take more than the share of a tiny data set.
    #expect(split.validation.count == max(total, counts.count))
    #expect(names(split.training).isDisjoint(with: names(split.validation)))
    #expect(names(split.training).union(names(split.validation)) == names(all))
    for (count, validating) in zip(counts, split.validation.countsByClass) {
      #expect(validating >= 1 && validating < count)
      #expect(abs(Double(validating) - Double(count) * 0.15) < 1)
    }
  }

  @Test func seedsDecideAndOrderDoesNot() throws {
    let first = try DataSplit(dataSet([200, 100]), seed: 1)
    let again = try DataSplit(dataSet([200, 100], reversed: true), seed: 1)
    let other = try DataSplit(dataSet([200, 100]), seed: 2)
    #expect(names(first.validation) == names(again.validation))
    #expect(names(first.validation) != names(other.validation))
    // Chance: of 45 pictures about 45 * 0.15 are in both.
    #expect(names(first.validation).intersection(names(other.validation)).count < 20)
    // A change of one file's class leaves the other class's split as it is.
    #expect(
      names(first.validation).filter { $0.hasPrefix("data/1.") }
        == names(try DataSplit(dataSet([201, 100]), seed: 1).validation)
        .filter { $0.hasPrefix("data/1.") })
  }

  @Test func tooFewPictures() {
    #expect(throws: CNNError.self) { try DataSplit(dataSet([10, 1])) }
    #expect(throws: CNNError.self) { try DataSplit(dataSet([10]), validationShare: 1) }
    #expect(throws: CNNError.self) { try DataSplit(dataSet([10]), validationShare: .nan) }
  }

  @Test func listsAreReadBack() throws {
    let folder = try TemporaryFolder()
    let odd = [
      "cat.1 2.jpg", "cat.\"2\".jpg", "cat.3\\n.jpg", "cat.4\n.jpg", "dog.ö.jpg", "dog.1.jpg",
      "dog.2 .jpg",
    ]
    for name in odd { try folder.write([1], to: name) }
    let set = try DataSource(at: folder.path).training
    let split = try DataSplit(set, validationShare: 0.4, seed: 5)
    try split.write(to: folder.path)
    let read = try DataSplit(readingFrom: folder.path)
    for (part, copy) in [(split.training, read.training), (split.validation, read.validation)] {
      #expect(copy.classNames == ["cat", "dog"])
      #expect(copy.pictures.map(\.classIndex) == part.pictures.map(\.classIndex))
      #expect(copy.pictures.map(\.source.listedPath) == part.pictures.map(\.source.listedPath))
    }
    let made = DataSet(
      classNames: ["a"],
      pictures: [
        LabelledPicture(
          .pixels(try .init(width: 1, height: 1, gray: [0]), name: "x"), classIndex: 0)
      ])
    #expect(throws: CNNError.self) {
      try DataSplit(training: made, validation: made).write(to: folder.path)
    }
  }

  /// The form that the tutorials' programs read.
  @Test func linesArePathAndNumber() throws {
    let folder = try TemporaryFolder()
    try DataSplit(dataSet([10, 10]), seed: 0).write(to: folder.path)
    let text = try String(
      contentsOf: folder.url.appendingPathComponent("val.txt"), encoding: .utf8)
    let lines = text.split(separator: "\n")
    #expect(lines.count == 3)
    for line in lines { #expect(line.wholeMatch(of: /data\/([01])\.[0-9]\.jpg \1/) != nil) }
  }
}
