public import CNNCore
public import CNNImage
public import CNNWeights

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
  /// Whether checksums in the file are verified.
  public var verifiesChecksums = true
  /// Whether weights that are not finite numbers are accepted.
  public var allowsNonFinite = false

  /// The defaults: everything is decided by the file and the model.
  public init() {}
}
