public import CNNCore
public import CNNImage
internal import CNNSystem
public import CNNWeights
public import SystemPackage

/// What a caller may say about weights when the file itself does not, or should not, decide.
public struct LoadingOptions: Sendable {
  /// The origin whose names and orders the file uses; nil: detected.
  public var layout: WeightsLayout?
  /// The number of classes; nil: what the file's last layer has.
  public var classes: Int?
  /// Rows and columns of the network's input; nil: what the preprocessing makes.
  public var inputSize: Extent?
  /// What the outputs mean; nil: the model's labels, where their number fits.
  public var labels: LabelSet?
  /// The file that `labels` came from, which errors name; nil where they came from elsewhere.
  public var labelsFile: FilePath?
  /// What is done to pixels; nil: what the weights were trained with.
  public var preprocessing: Preprocessing?
  /// The weights below a model file that holds only what was trained; nil: where that file says.
  public var base: FilePath?
  /// How the file is read: whether it is mapped or held in memory, which of several sets of weights
  /// is meant, whether checksums are verified.
  public var reading = WeightsReadingOptions()
  /// Whether weights that are not finite numbers are accepted.
  public var allowsNonFinite = false

  /// The defaults: everything is decided by the file and the model.
  public init() {}
}

extension LoadingOptions {
  /// What `count` outputs mean: the labels that were given, or else the `usual` ones.
  ///
  /// TensorFlow's lists have a first label for the background, which networks of 1000 classes do not
  /// know: it is left out where the others are as many as the outputs.
  ///
  /// - Throws: `mismatch` where there is not one label for each output.
  func labels(count: Int, usual: LabelSet) throws(CNNError) -> LabelSet {
    guard let labels else { return usual }
    if labels.count == count { return labels }
    let first = labels.labels.first?.name ?? ""
    if labels.count == count + 1, Self.backgroundNames.contains(first.lowercased()) {
      return LabelSet(
        labels: labels.labels.dropFirst().map {
          ClassLabel(index: $0.index - 1, name: $0.name, synset: $0.synset)
        })
    }
    var error = CNNError(
      .usage, .mismatch, "the labels do not fit the network", subject: labelsFile?.displayName,
      found: labels.count == 1 ? "1 label" : "\(labels.count) labels",
      expected: count == 1 ? "1, for its output" : "\(count), one for each output")
    if labels.count == count + 1 {
      error.remedy = "If the first one, \"\(first.printable)\", names no class, remove it"
    }
    throw error
  }

  /// What the label before those of the classes is called, in lower case.
  private static let backgroundNames: Set<String> = [
    "background", "__background__", "dummy", "unused", "nothing", "none",
  ]
}

extension Network {
  /// Refuses a network that the machine has too little memory for, before anything is allocated.
  ///
  /// - Throws: `tooLarge`.
  func requireMemory(parametersAreMapped: Bool) throws(CNNError) {
    let parameters = parametersAreMapped ? 0 : parameterCount + statisticCount
    try MemoryBudget.require(
      (parameters + largestLiveCount) * MemoryLayout<Float>.stride, for: name)
  }
}
