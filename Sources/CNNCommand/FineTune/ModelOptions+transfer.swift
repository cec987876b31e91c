import CNNCore
import CNNKit
import CNNSystem
import CNNTraining
import SystemPackage

extension ModelOptions {
  /// The network at the start of its fine-tuning.
  func transferred(
    _ transfer: Transfer, classNames: [String], seed: UInt64
  ) throws(CNNError) -> TransferredNetwork {
    let options = try loadingOptions()
    if let weightsSeed = randomWeights {
      return try TransferredNetwork(
        randomFor: try network.entry(), weightsSeed: weightsSeed, options: options,
        transfer: transfer, classNames: classNames, seed: seed)
    }
    return try TransferredNetwork(
      model: try network.optionalEntry(), weights: try path(), options: options,
      transfer: transfer, classNames: classNames, seed: seed)
  }
}
