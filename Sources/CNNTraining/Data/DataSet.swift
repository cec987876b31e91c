public import CNNSystem

/// One picture and the class it belongs to.
public struct LabelledPicture: Sendable {
  /// Where its pixels come from.
  public let source: PictureSource
  /// Its class, counted from 0.
  public let classIndex: Int
  /// The hash of its content, where somebody has read it already.
  private let knownHash: ContentHash?

  /// A picture from its parts.
  public init(_ source: PictureSource, classIndex: Int) {
    self.init(source, classIndex: classIndex, hash: nil)
  }

  package init(_ source: PictureSource, classIndex: Int, hash: ContentHash?) {
    self.source = source
    self.classIndex = classIndex
    knownHash = hash
  }

  /// The hash of its content, which is read only where it is not known yet.
  ///
  /// - Throws: as opening and reading the file.
  package func contentHash() throws(CNNError) -> ContentHash {
    try knownHash.or { () throws(CNNError) in try source.contentHash() }
  }
}

/// Pictures of known classes, to train with or to measure on.
///
/// A data set is read from what is on disk (`DataSource`), or made by a program:
///
///     let pictures = rows.map { row in
///       LabelledPicture(.encoded(Bytes(copying: row.jpeg), name: row.id), classIndex: row.label)
///     }
///     let dataSet = DataSet(classNames: ["cat", "dog"], pictures: pictures)
///     let recent = dataSet.subset { $0.source.name > "2026" }
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
  ///   - subject: what the pictures were found in, for errors.
  /// - Throws: `unknown` where no name is among `classNames`, `mismatch` where some are not.
  public init(
    named pictures: [(source: PictureSource, className: String)], classNames: [String]? = nil,
    subject: String? = nil
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

  /// The number of pictures of each class.
  public var countsByClass: [Int] {
    pictures.reduce(into: [Int](repeating: 0, count: classNames.count)) { counts, picture in
      counts[picture.classIndex] += 1
    }
  }

  /// The pictures at `indices`, in their order, as a data set of the same classes.
  public func selecting(_ indices: [Int]) -> DataSet {
    DataSet(classNames: classNames, pictures: indices.map { pictures[$0] })
  }

  /// The pictures that `isIncluded` accepts, as a data set of the same classes.
  public func subset<Failure: Error>(
    where isIncluded: (LabelledPicture) throws(Failure) -> Bool
  ) throws(Failure) -> DataSet {
    var chosen: [LabelledPicture] = []
    for picture in pictures where try isIncluded(picture) { chosen.append(picture) }
    return DataSet(classNames: classNames, pictures: chosen)
  }

  /// The same data set, whose pictures know the hashes of their contents from now on.
  ///
  /// - Throws: as opening and reading the files of those that did not.
  package func hashed(threads: Int) throws(CNNError) -> DataSet {
    let results = Workers.map(count: pictures.count, threads: threads) { index in
      Result { () throws(CNNError) in try pictures[index].contentHash() }
    }
    var hashed: [LabelledPicture] = []
    hashed.reserveCapacity(pictures.count)
    for (picture, hash) in zip(pictures, results) {
      hashed.append(
        LabelledPicture(picture.source, classIndex: picture.classIndex, hash: try hash.get()))
    }
    return DataSet(classNames: classNames, pictures: hashed)
  }
}

extension DataSet: RandomAccessCollection {
  /// The position of the first picture.
  public var startIndex: Int { 0 }
  /// The number of pictures.
  public var endIndex: Int { pictures.count }

  /// The picture at a position.
  public subscript(position: Int) -> LabelledPicture { pictures[position] }
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
