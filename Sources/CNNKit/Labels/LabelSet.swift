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

  /// Labels from a file in one of the forms in which they are passed around: one name a line in
  /// index order, with a synset (`n01440764 tench`) or an index (`0: tench`) before it or not;
  /// comma-separated values with a header; a list or table in JSON or Python, such as Keras's
  /// `imagenet_class_index.json`.
  ///
  /// - Throws: a `data` error that names the file and, where it can, the line.
  public init(contentsOf path: FilePath) throws(CNNError) {
    labels = try LabelFile(path).labels()
  }

  /// The number of labels.
  public var count: Int { labels.count }

  /// The label of output `index`. Precondition: there is one.
  public subscript(index: Int) -> ClassLabel { labels[index] }

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
