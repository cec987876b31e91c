internal import CNNCore
internal import CNNImage
internal import CNNSystem
internal import CNNWeights

extension Model {
  /// The grouped AlexNet of the paper as Caffe published it, 61.0 M parameters.
  public static let alexNet = Model(
    "alexnet", "AlexNet (Caffe's bvlc_alexnet): two groups, LRN before pooling",
    defaults: NetworkOptions(inputSize: 227),
    weights: [
      PublishedWeights(
        "bvlc_alexnet.npy", from: "www.cs.toronto.edu/~guerzhoy/tf_alexnet",
        accuracy: (57.1, 80.2))
    ],
    preprocessing: [.native: .caffeAlexNet]
  ) { (options) throws(CNNError) in try AlexNet.grouped(options) }

  /// Caffe's variant of AlexNet with pooling before LRN, 61.0 M parameters.
  public static let caffeNet = Model(
    "caffenet", "CaffeNet (bvlc_reference_caffenet): AlexNet with LRN behind pooling",
    defaults: NetworkOptions(inputSize: 227), preprocessing: [.native: .caffeAlexNet]
  ) { (options) throws(CNNError) in try AlexNet.grouped(options, order: .afterPooling) }

  /// The single-tower AlexNet of torchvision, 61.1 M parameters.
  public static let alexNetOneWeirdTrick = Model(
    "alexnet-owt", "AlexNet (torchvision, \"one weird trick\"): one tower, no LRN",
    weights: [torchvision("alexnet-owt-7be5be79.pth", 56.522, 79.066)],
    preprocessing: [.native: .torchvision], lastFeatureMap: 6
  ) { (options) throws(CNNError) in try AlexNet.oneWeirdTrick(options) }
}
