internal import CNNSystem

/// What the labels of a list mean: classes by name, or by index.
///
/// All labels are read in the same way: a class may be called 2 and be the first one, so that single
/// labels do not tell.
struct ListLabels {
  /// As they stand in the list.
  let labels: [String]
  private let numbers: [Int?]

  /// The most classes that a list of numbers may have.
  private static let maximumClasses = 65_536

  init(_ labels: [String]) {
    self.labels = labels
    numbers = labels.map { label in
      label.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(label) : nil
    }
  }

  /// The classes, and that of each label; nil for a label that cannot be used.
  ///
  /// - Parameters:
  ///   - given: the classes in index order; nil for those of the list.
  ///   - own: the names of `classes.txt` beside the list; the numbers in the list are their indices.
  /// - Returns: also what else a label may be, in words.
  func classes(
    given: [String]?, own: [String]?
  ) -> (names: [String], indices: [Int?], expected: String) {
    if let own {
      let names = given ?? own
      let byName = Self.table(names)
      let meant = areIndices(of: own) ? numbers.map { own[$0 ?? 0] } : labels
      return (names, meant.map { byName[$0] }, Self.expected(names))
    }
    if let given { return (given, indices(in: given), Self.expected(given)) }
    if numbers.contains(where: { $0 != nil }) {
      let indices = numbers.map { $0.flatMap { $0 < Self.maximumClasses ? $0 : nil } }
      let count = (indices.compactMap { $0 }.max() ?? 0) + 1
      return ((0..<count).map(String.init), indices, "a number, as in other lines")
    }
    let names = Set(labels).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let byName = Self.table(names)
    return (names, labels.map { byName[$0] }, "a class")
  }

  /// Names, or else indices, or else some of both.
  private func indices(in names: [String]) -> [Int?] {
    let byName = Self.table(names)
    if labels.allSatisfy({ byName[$0] != nil }) || !areIndices(of: names) {
      return labels.indices.map { index in
        byName[labels[index]] ?? numbers[index].flatMap { $0 < names.count ? $0 : nil }
      }
    }
    return numbers
  }

  private func areIndices(of names: [String]) -> Bool {
    numbers.allSatisfy { $0.map { $0 < names.count } ?? false }
  }

  private static func table(_ names: [String]) -> [String: Int] {
    Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  private static func expected(_ names: [String]) -> String {
    "0 to \(names.count - 1), or a class name"
  }
}
