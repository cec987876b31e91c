public import CNNSystem
internal import CNNImage
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// What one output of a network stands for.
///
/// Two ImageNet classes are both called "crane", so the index is the identity and the name is for
/// people.
public struct ClassLabel: Sendable, Hashable, Codable {
  /// Position among the network's outputs, from 0.
  public let index: Int
  /// The name, such as `African elephant, Loxodonta africana`.
  public let name: String
  /// The WordNet identifier of an ImageNet class, such as `n02504458`.
  public let synset: String?

  /// A label from its parts.
  public init(index: Int, name: String, synset: String? = nil) {
    self.index = index
    self.name = name
    self.synset = synset
  }
}

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

  /// Labels from a file in one of the forms in which they are passed around: one name a line in
  /// index order, with a synset (`n01440764 tench`) or an index (`0: tench`) before it or not;
  /// comma-separated values with a header; a list or table in JSON or Python, such as Keras's
  /// `imagenet_class_index.json`.
  ///
  /// - Throws: a `data` error that names the file and, where it can, the line.
  public init(contentsOf path: FilePath) throws(CNNError) {
    labels = try LabelFile(path).labels()
  }

  /// The same from a file URL.
  public init(contentsOf url: URL) throws(CNNError) {
    try self.init(contentsOf: FilePath(fileURL: url))
  }

  /// The 1000 classes of ImageNet's ILSVRC 2012, in the order of Caffe, torchvision and Keras.
  public static let imageNet = LabelSet(
    labels: ImageNetClasses.table.split(separator: "\n").enumerated().map { index, line in
      // `n01440764 tench, Tinca tinca`
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      return ClassLabel(index: index, name: parts[1], synset: parts[0])
    })

  /// The ten digits of MNIST.
  public static let digits = LabelSet(names: (0...9).map(String.init))

  /// The ten classes of CIFAR-10.
  public static let cifar10 = LabelSet(names: [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ])
}

extension LabelSet: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { labels.startIndex }
  /// The number of labels.
  public var endIndex: Int { labels.endIndex }
  /// The label of output `index`. Precondition: there is one.
  public subscript(index: Int) -> ClassLabel { labels[index] }
}

/// Labels as JSON, in index order: `[{"name": "cat"}, {"name": "tench", "synset": "n01440764"}]`.
extension LabelSet: Codable {
  private struct Entry: Codable {
    let name: String
    let synset: String?
  }

  /// The most labels that are read, far above ImageNet's 21,841.
  private static let maximumCount = 1_000_000

  /// Writes a name, and a synset where there is one, for each label.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    for label in labels {
      try container.encode(Entry(name: label.name, synset: label.synset))
    }
  }

  /// Reads what `encode` writes, from a file that may hold anything.
  ///
  /// - Throws: `DecodingError` for other JSON, and for names that are empty or hold control
  ///   characters, which a terminal would obey.
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    var labels: [ClassLabel] = []
    while !container.isAtEnd {
      let entry = try container.decode(Entry.self)
      guard labels.count < Self.maximumCount, entry.name.isPlainText, !entry.name.isEmpty,
        entry.synset?.isPlainText ?? true
      else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "is empty, holds control characters or is one too many")
      }
      labels.append(ClassLabel(index: labels.count, name: entry.name, synset: entry.synset))
    }
    self.init(labels: labels)
  }
}
