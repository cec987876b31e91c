internal import CNNSystem

/// Pictures of known classes, to train with or to measure on.
///
/// Every picture is used and every picture is counted; nothing here drops a last batch.
public struct DataSet: Sendable {
  /// The names of the classes, in index order: sorted, unless a list says otherwise.
  public let classNames: [String]
  /// The pictures, in the order of their names, or of the list they come from.
  public let pictures: [LabelledPicture]

  /// A data set from its parts. Precondition: every picture's class has a name.
  public init(classNames: [String], pictures: [LabelledPicture]) {
    precondition(
      pictures.allSatisfy { classNames.indices.contains($0.classIndex) },
      "a picture of a class without a name")
    self.classNames = classNames
    self.pictures = pictures
  }

  /// Pictures whose classes are known by name.
  ///
  /// - Parameters:
  ///   - pictures: each with the name of its class.
  ///   - classNames: the order of the classes; nil sorts the names by their bytes.
  /// - Throws: `unknown` where no name is among `classNames`, `mismatch` where some are not.
  init(
    named pictures: [(source: PictureSource, className: String)], classNames: [String]?,
    subject: String
  ) throws(CNNError) {
    let names =
      classNames
      ?? Set(pictures.map(\.className)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let indices = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    let found = Set(pictures.map(\.className))
    let strangers = found.subtracting(names).sorted()
    guard strangers.isEmpty else {
      throw CNNError(
        .data, strangers.count == found.count ? .unknown : .mismatch,
        "there are classes that are not among the given ones", subject: subject,
        found: strangers.prefix(10).joined(separator: ", "),
        expected: names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", ..." : ""))
    }
    self.init(
      classNames: names,
      pictures: pictures.map { LabelledPicture($0.source, classIndex: indices[$0.className] ?? 0) })
  }

  /// The number of pictures.
  public var count: Int { pictures.count }

  /// The number of pictures of each class.
  public var countsByClass: [Int] {
    pictures.reduce(into: [Int](repeating: 0, count: classNames.count)) { counts, picture in
      counts[picture.classIndex] += 1
    }
  }

  /// The pictures at `indices`, in their order.
  public func selecting(_ indices: [Int]) -> DataSet {
    DataSet(classNames: classNames, pictures: indices.map { pictures[$0] })
  }
}

extension DataSet: CustomStringConvertible {
  /// `6000 pictures of 2 classes (cat: 3000, dog: 3000)`.
  public var description: String {
    let counts = zip(classNames, countsByClass).map { "\($0): \($1)" }
    var room = Self.longestList
    let shown = counts.prefix { count in
      room -= count.count + 2
      return room >= 0
    }
    let list = (shown + (shown.count < counts.count ? ["..."] : [])).joined(separator: ", ")
    let noun = classNames.count == 1 ? "class" : "classes"
    return "\(count) pictures of \(classNames.count) \(noun) (\(list))"
  }

  /// Characters of the list of classes.
  private static let longestList = 160
}
