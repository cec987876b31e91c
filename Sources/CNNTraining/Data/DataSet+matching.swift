public import CNNKit
public import CNNSystem

extension DataSet {
  /// The same pictures, whose class indices are the output indices of a model.
  ///
  /// A class is found by the label's name, by its synset (`n01440764`), or by what stands before the
  /// first comma of its name; a name that two labels have finds neither. Classes that are called 0,
  /// 1, 2 ..., as in a list of numbers, are the indices of the outputs where no label has such a name.
  ///
  /// - Throws: `unknown`, with the classes and the labels, where a class with pictures is not found;
  ///   `ambiguous` where its name belongs to several labels.
  public func matched(to labels: LabelSet) throws(CNNError) -> DataSet {
    let indices = ClassNumbers(labels)
    let numbers = indices.numbers(for: classNames)
    let counts = countsByClass
    let strangers = classNames.indices.filter { numbers[$0] == nil && counts[$0] > 0 }
    guard strangers.isEmpty else {
      for name in strangers.map({ classNames[$0] }) {
        let labels = labels.labels.filter { $0.isCalled(name) }
        if labels.count > 1 { throw Self.ambiguous(name, labels) }
      }
      throw CNNError(
        .data, .unknown, "there are classes that the model does not know",
        found: Self.shown(strangers.map { classNames[$0] }),
        expected: Self.shown(labels.labels.map(\.name)),
        remedy: "Classes are matched by name: rename them, or give the model's outputs other labels"
      )
    }
    return DataSet(
      classNames: labels.labels.map(\.name),
      pictures: pictures.map { picture in
        LabelledPicture(picture.source, classIndex: numbers[picture.classIndex] ?? 0)
      })
  }

  private static func ambiguous(_ name: String, _ labels: [ClassLabel]) -> CNNError {
    let outputs = labels.map { "\($0.index)" + ($0.synset.map { " (\($0))" } ?? "") }
    var error = CNNError(
      .data, .ambiguous, "the model has several classes with the name of one class of the pictures",
      found: "\(name.printable), which names the outputs \(outputs.joined(separator: " and "))")
    if let synset = labels.compactMap(\.synset).first {
      error.remedy = "Name the class by the synset of the one that is meant, such as \(synset)"
    }
    return error
  }

  private static func shown(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", ... (\(names.count))" : "")
  }
}

extension CNNError.Code {
  /// A name that several things have.
  public static let ambiguous = CNNError.Code(rawValue: "ambiguous")
}

extension ClassLabel {
  /// The part of the name before the first comma, by which people know the class.
  fileprivate var shortName: String {
    name.split(separator: ",").first.map(String.init) ?? name
  }

  fileprivate func isCalled(_ name: String) -> Bool { self.name == name || shortName == name }
}

/// The output that each name stands for.
private struct ClassNumbers {
  private let count: Int
  /// From the most to the least exact.
  private let tables: [[String: Int]]

  init(_ labels: LabelSet) {
    count = labels.count
    func table(_ name: (ClassLabel) -> String?) -> [String: Int] {
      var table: [String: Int] = [:]
      var ambiguous: Set<String> = []
      for label in labels.labels {
        guard let name = name(label) else { continue }
        if table.updateValue(label.index, forKey: name) != nil { ambiguous.insert(name) }
      }
      return table.filter { !ambiguous.contains($0.key) }
    }
    tables = [
      table { $0.name }, table { $0.synset },
      table { $0.shortName },
    ]
  }

  /// The output of each name, or nil.
  func numbers(for names: [String]) -> [Int?] {
    let found = names.map { name in tables.lazy.compactMap { $0[name] }.first }
    let areNumbers = names.enumerated().allSatisfy { $1 == "\($0)" }
    guard areNumbers, names.count <= count, found.allSatisfy({ $0 == nil }) else { return found }
    return Array(names.indices)
  }
}
