/// What a caller may choose about a published network without making it another one.
public struct NetworkOptions: Sendable, Hashable {
  /// Outputs of the last layer.
  public var classes: Int
  /// Channels of the input picture: 3, or 1 for gray.
  public var inputChannels: Int
  /// Rows and columns of the input picture.
  public var inputSize: Extent
  /// The rows and columns to which AlexNet and VGG average their last feature map before the
  /// classifier, as torchvision does; then one set of weights serves every input size. Nil: the
  /// classifier's first layer grows and shrinks with the input, as in Keras and Caffe.
  public var adaptivePooling: Extent?

  /// Options from their values.
  public init(
    classes: Int = 1000, inputChannels: Int = 3, inputSize: Extent = 224,
    adaptivePooling: Extent? = nil
  ) {
    self.classes = classes
    self.inputChannels = inputChannels
    self.inputSize = inputSize
    self.adaptivePooling = adaptivePooling
  }
}
