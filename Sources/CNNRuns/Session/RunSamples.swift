internal import CNNImage
internal import CNNKit
internal import CNNTraining

/// Some training pictures as the network gets them, for TensorBoard.
struct RunSamples {
  private let loop: TrainingLoop
  private let network: TransferredNetwork

  /// Pictures that are shown.
  private static let count = 8

  init(_ loop: TrainingLoop, _ network: TransferredNetwork) {
    self.loop = loop
    self.network = network
  }

  /// Each with its class and number. Those that cannot be decoded are left out: this is a look at
  /// the data, and the training itself will say what is wrong.
  var pictures: [(name: String, pixels: Pixels)] {
    let dataSet = loop.data.training
    let augmentation = loop.settings.augmentation
    return loop.order(epoch: 0).prefix(Self.count).enumerated().compactMap { number, index in
      let picture = dataSet.pictures[index]
      guard let pixels = try? picture.source.decode(loop.settings.decoding).pixels else {
        return nil
      }
      let changed = augmentation.pixels(
        of: pixels, preprocessing: network.preprocessing, seed: loop.settings.seed,
        variant: augmentation.isNone ? 0 : 1, picture: index)
      return ("\(number + 1) \(dataSet.classNames[picture.classIndex])", changed)
    }
  }
}
