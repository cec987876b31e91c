public import CNNSystem
public import SystemPackage

/// The labels of all outputs of a network, in index order.
public struct LabelSet: Sendable, Hashable {
  /// One label for each output.
  public let labels: [ClassLabel]

  /// Labels with the given names and no synsets.
  public init(names: [String]) {
    labels = names.enumerated().map { ClassLabel(index: $0, name: $1) }
  }

  init(labels: [ClassLabel]) { self.labels = labels }

  /// Labels `class 0`, `class 1`, ... for outputs that nobody has named.
  public init(unnamed count: Int) {
    self.init(names: (0..<count).map { "class \($0)" })
  }

  /// Labels from a text file: one name a line, in index order. A first word such as `n01440764` is
  /// taken for the synset. Empty lines at the end are ignored.
  ///
  /// - Throws: a `data` error that names the line.
  public init(contentsOf path: FilePath) throws(CNNError) {
    let bytes = try InputFile(path, domain: .data).read(limit: 16 << 20)
    guard let text = String(validating: bytes.array, as: UTF8.self) else {
      throw CNNError(.data, .corrupt, "the labels are not UTF-8", subject: path.displayName)
    }
    // A byte order mark, as some editors put it before a text, is no part of the first name.
    let body =
      text.unicodeScalars.first == "\u{FEFF}"
      ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
    var lines = String(body).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    if let blank = lines.firstIndex(where: \.isEmpty) {
      throw CNNError(
        .data, .corrupt, "a label is empty", subject: path.displayName, at: .line(blank + 1),
        remedy: "Write one name a line, in index order")
    }
    if let odd = lines.firstIndex(where: { !$0.isPlainText }) {
      throw CNNError(
        .data, .corrupt, "a label holds control characters", subject: path.displayName,
        at: .line(odd + 1))
    }
    labels = lines.enumerated().map { ClassLabel(line: $1, index: $0) }
  }

  /// The number of labels.
  public var count: Int { labels.count }

  /// The label of output `index`. Precondition: there is one.
  public subscript(index: Int) -> ClassLabel { labels[index] }

  /// The 1000 classes of ImageNet's ILSVRC 2012, in the order of Caffe, torchvision and Keras.
  public static let imageNet = LabelSet(
    labels: ImageNetClasses.table.split(separator: "\n").enumerated().map {
      ClassLabel(line: String($1), index: $0)
    })

  /// The ten digits of MNIST.
  public static let digits = LabelSet(names: (0...9).map(String.init))

  /// The ten classes of CIFAR-10.
  public static let cifar10 = LabelSet(names: [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ])
}

extension ClassLabel {
  /// A label from a line `n01440764 tench, Tinca tinca` or `tench`.
  fileprivate init(line: String, index: Int) {
    let parts = line.split(separator: " ", maxSplits: 1)
    if parts.count == 2, parts[0].count == 9, parts[0].first == "n",
      parts[0].dropFirst().allSatisfy(\.isNumber)
    {
      self.init(index: index, name: String(parts[1]), synset: String(parts[0]))
    } else {
      self.init(index: index, name: line)
    }
  }
}
