import CNNCore
import CNNKit
import CNNSystem
import CNNTraining
import SystemPackage

extension ModelOptions {
  /// The names of the classes that `--labels` gives, in index order.
  func classNames() throws(CNNError) -> [String]? {
    try labels.map { (argument) throws(CNNError) in
      try LabelSet(contentsOf: argument.path).labels.map(\.name)
    }
  }

  /// The network at the start of its fine-tuning.
  func transferred(
    _ transfer: Transfer, classNames: [String], seed: UInt64
  ) throws(CNNError) -> TransferredNetwork {
    let options = try loadingOptions()
    let model = try network.entry()
    if let weightsSeed = randomWeights, let model {
      return try TransferredNetwork(
        randomFor: model, weightsSeed: weightsSeed, options: options,
        transfer: transfer, classNames: classNames, seed: seed)
    }
    return try TransferredNetwork(
      model: model, weights: try path(), options: options,
      transfer: transfer, classNames: classNames, seed: seed)
  }
}
