public import CNNSystem

/// AlexNet: Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural
/// Networks", 2012 (<https://papers.nips.cc/paper/4824>).
///
/// Five convolutions and three linear layers. Three published forms differ in more than name:
///
/// | form | conv1..5 | groups | LRN | input |
/// |---|---|---|---|---|
/// | `caffe` (`bvlc_alexnet`) | 96 256 384 384 256 | 2 in conv2, 4, 5 | before pooling | 227 |
/// | `caffeNet` | the same | the same | after pooling | 227 |
/// | `oneWeirdTrick` (torchvision) | 64 192 384 256 256 | none | none | 224 |
public enum AlexNet {
  /// The two orders in which Caffe's models normalise and pool.
  public enum NormalizationOrder: Sendable {
    /// `bvlc_alexnet`, as in the paper.
    case beforePooling
    /// `bvlc_reference_caffenet`.
    case afterPooling
  }

  private static let channels = [96, 256, 384, 384, 256]
  private static let grouped: Set = [2, 4, 5]

  /// The two-group network of the paper as Caffe published it; 60,965,224 parameters.
  ///
  /// - Parameters:
  ///   - options: classes and input; the published input is 227x227.
  ///   - normalization: Caffe's constants by default; `.paper` for the paper's.
  ///   - order: whether LRN stands before or after pooling.
  /// - Returns: nodes `conv1` ... `fc8`, `prob`.
  /// - Throws: `invalidShape` for an input that is too small.
  public static func grouped(
    _ options: NetworkOptions = NetworkOptions(inputSize: 227),
    normalization: LocalResponseNorm = .caffe, order: NormalizationOrder = .beforePooling
  ) throws(CNNError) -> Network {
    var builder = NetworkBuilder(
      name: order == .beforePooling ? "alexnet" : "caffenet", options: options)
    for number in 1...5 {
      builder.addConvolution(
        "conv\(number)", relu: "relu\(number)", channels: channels[number - 1],
        kernel: number == 1 ? 11 : number == 2 ? 5 : 3, stride: number == 1 ? 4 : 1,
        padding: number == 1 ? .valid : .explicit(number == 2 ? 2 : 1),
        groups: grouped.contains(number) ? 2 : 1)
      let norm = Layer.localResponseNorm(normalization)
      let pool = Layer.maxPool(Window(kernel: 3, stride: 2))
      switch (number, order) {
      case (1...2, .beforePooling):
        builder.add("norm\(number)", norm)
        builder.add("pool\(number)", pool)
      case (1...2, .afterPooling):
        builder.add("pool\(number)", pool)
        builder.add("norm\(number)", norm)
      case (5, _):
        builder.add("pool5", pool)
      default:
        break
      }
    }
    if let size = options.adaptivePooling { builder.add("avgpool", .adaptiveAveragePool(size)) }
    builder.addClassifier(dropout: .afterLinear, classes: options.classes)
    return try builder.build()
  }

  /// The single-tower network of "One weird trick for parallelizing convolutional neural networks"
  /// (arXiv 1404.5997) as torchvision publishes it; 61,100,840 parameters.
  ///
  /// - Parameter options: classes and input; the published input is 224x224, the smallest 63x63.
  ///   `adaptivePooling` 6x6 is torchvision's and changes nothing at 224x224.
  /// - Returns: nodes `conv1` ... `fc8`, `prob`.
  /// - Throws: `invalidShape` for an input that is too small.
  public static func oneWeirdTrick(
    _ options: NetworkOptions = NetworkOptions()
  ) throws(CNNError) -> Network {
    var builder = NetworkBuilder(name: "alexnet-owt", options: options)
    for (index, channels) in [64, 192, 384, 256, 256].enumerated() {
      let number = index + 1
      builder.addConvolution(
        "conv\(number)", relu: "relu\(number)", channels: channels,
        kernel: number == 1 ? 11 : number == 2 ? 5 : 3, stride: number == 1 ? 4 : 1,
        padding: .explicit(number <= 2 ? 2 : 1))
      if [1, 2, 5].contains(number) {
        builder.add("pool\(number)", .maxPool(Window(kernel: 3, stride: 2)))
      }
    }
    if let size = options.adaptivePooling { builder.add("avgpool", .adaptiveAveragePool(size)) }
    builder.addClassifier(dropout: .beforeLinear, classes: options.classes)
    return try builder.build()
  }
}
