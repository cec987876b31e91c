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
  /// What is done to pixels; nil: what the weights were trained with.
  public var preprocessing: Preprocessing?
  /// The weights below a model file that holds only what was trained; nil: where that file says.
  public var base: FilePath?
  /// Whether checksums in the file are verified.
  public var verifiesChecksums = true
  /// Whether weights that are not finite numbers are accepted.
  public var allowsNonFinite = false

  /// The defaults: everything is decided by the file and the model.
  public init() {}
}

extension LoadingOptions {
  /// What `count` outputs mean: the labels that were given, or else the `usual` ones.
  ///
  /// - Throws: `mismatch` where as many labels as outputs were not given.
  func labels(count: Int, usual: LabelSet) throws(CNNError) -> LabelSet {
    guard let labels else { return usual }
    guard labels.count == count else {
      throw CNNError(
        .usage, .mismatch, "the labels do not fit the network", found: "\(labels.count) labels",
        expected: "\(count), one for each output")
    }
    return labels
  }
}
