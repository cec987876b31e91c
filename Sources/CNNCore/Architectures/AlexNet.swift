public import CNNSystem

/// AlexNet: Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural
/// Networks", 2012 (<https://papers.nips.cc/paper/4824>).
///
/// Five convolutions and three linear layers. Three published forms differ in more than name:
///
/// | function | published as | conv1..5 | groups | LRN | input |
/// |---|---|---|---|---|---|
/// | `grouped` | `bvlc_alexnet` | 96 256 384 384 256 | 2 in conv2, 4, 5 | before pooling | 227 |
/// | `grouped`, `.afterPooling` | CaffeNet | the same | the same | after pooling | 227 |
/// | `oneWeirdTrick` | torchvision's `alexnet` | 64 192 384 256 256 | none | none | 224 |
public enum AlexNet {
  /// The two orders in which Caffe's models normalise and pool.
  public enum NormalizationOrder: Sendable {
    /// `bvlc_alexnet`, as in the paper.
    case beforePooling
    /// `bvlc_reference_caffenet`.
    case afterPooling
  }

  /// One convolution, and whether maximum pooling 3x3, stride 2 follows.
  private struct Stage {
    let channels: Int
    let kernel: Int
    var stride = 1
    let padding: Int
    var groups = 1
    var isNormalized = false
    var isPooled = false
  }

  private static let caffeStages = [
    Stage(channels: 96, kernel: 11, stride: 4, padding: 0, isNormalized: true, isPooled: true),
    Stage(channels: 256, kernel: 5, padding: 2, groups: 2, isNormalized: true, isPooled: true),
    Stage(channels: 384, kernel: 3, padding: 1),
    Stage(channels: 384, kernel: 3, padding: 1, groups: 2),
    Stage(channels: 256, kernel: 3, padding: 1, groups: 2, isPooled: true),
  ]

  private static let torchvisionStages = [
    Stage(channels: 64, kernel: 11, stride: 4, padding: 2, isPooled: true),
    Stage(channels: 192, kernel: 5, padding: 2, isPooled: true),
    Stage(channels: 384, kernel: 3, padding: 1),
    Stage(channels: 256, kernel: 3, padding: 1),
    Stage(channels: 256, kernel: 3, padding: 1, isPooled: true),
  ]

  /// The two-group network of the paper as Caffe published it; 60,965,224 parameters.
  ///
  /// - Parameters:
  ///   - options: classes and input; the published input is 227x227.
  ///   - normalization: Caffe's constants by default; `.paper` for the paper's.
  ///   - order: whether LRN is before or after pooling.
  /// - Returns: nodes `conv1` ... `fc8`, `prob`.
  /// - Throws: `invalidShape` for an input that is too small.
  public static func grouped(
    _ options: NetworkOptions = NetworkOptions(inputSize: 227),
    normalization: LocalResponseNorm = .caffe, order: NormalizationOrder = .beforePooling
  ) throws(CNNError) -> Network {
    var builder = NetworkBuilder(
      name: order == .beforePooling ? "alexnet" : "caffenet", options: options)
    for (index, stage) in caffeStages.enumerated() {
      let number = index + 1
      addConvolution(number, stage, to: &builder)
      // Caffe rounds the size of a pooled map up; at 227x227 every size is whole.
      let pool = ("pool\(number)", Layer.maxPool(Window(kernel: 3, stride: 2, rounding: .ceil)))
      let norm = ("norm\(number)", Layer.localResponseNorm(normalization))
      let steps = order == .beforePooling ? [norm, pool] : [pool, norm]
      for (name, layer) in steps where layer == pool.1 ? stage.isPooled : stage.isNormalized {
        builder.add(name, layer)
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
    for (index, stage) in torchvisionStages.enumerated() {
      addConvolution(index + 1, stage, to: &builder)
      if stage.isPooled {
        builder.add("pool\(index + 1)", .maxPool(Window(kernel: 3, stride: 2)))
      }
    }
    if let size = options.adaptivePooling { builder.add("avgpool", .adaptiveAveragePool(size)) }
    builder.addClassifier(dropout: .beforeLinear, classes: options.classes)
    return try builder.build()
  }

  private static func addConvolution(
    _ number: Int, _ stage: Stage, to builder: inout NetworkBuilder
  ) {
    builder.addConvolution(
      "conv\(number)", relu: "relu\(number)", channels: stage.channels,
      kernel: Extent(square: stage.kernel), stride: Extent(square: stage.stride),
      padding: .explicit(stage.padding), groups: stage.groups)
  }
}
