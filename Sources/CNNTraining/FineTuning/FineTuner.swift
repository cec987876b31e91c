internal import CNNCore
internal import CNNImage
public import CNNKit
public import CNNSystem
internal import CNNWeights
internal import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Fine-tunes a pretrained network on pictures of other classes.
///
///     let tuner = try FineTuner(
///       model: .resNet18, weights: url, source: try DataSource(at: "data"), settings: settings)
///
/// The outputs of frozen layers are computed once and cached. A run lives in a folder and goes on
/// there by itself: its checkpoints, and the settings, decide every bit of what follows.
public struct FineTuner: Sendable {
  /// The network at its start.
  public let network: TransferredNetwork
  /// The pictures.
  public let source: DataSource
  /// What decides the result.
  public let settings: FineTuningSettings
  /// What does not.
  public let options: FineTuningOptions

  /// A fine-tuning from its parts. Precondition: the network has the classes of the source.
  public init(
    network: TransferredNetwork, source: DataSource, settings: FineTuningSettings,
    options: FineTuningOptions = FineTuningOptions()
  ) {
    precondition(
      network.labels.labels.map(\.name) == source.training.classNames,
      "the network's classes are not the pictures'")
    self.network = network
    self.source = source
    self.settings = settings
    self.options = options
  }

  /// A fine-tuning of the network in a weights file, as `settings.transfer` says.
  ///
  /// - Parameters:
  ///   - model: for example `.resNet18`; nil for a file that training has written.
  ///   - weights: `.npz`, `.npy`, `.safetensors` or `.pth`; it is mapped, and must not change while
  ///     the tuner lives.
  ///   - source: the pictures.
  ///   - settings: what decides the result.
  ///   - loading: what the weights file should not decide, such as the size of the input.
  ///   - options: what does not decide the result.
  /// - Throws: a `weights` error; `usage` where `settings.transfer` does not fit the network.
  public init(
    model: CNNModel? = nil, weights: URL, source: DataSource,
    settings: FineTuningSettings = FineTuningSettings(),
    loading: LoadingOptions = LoadingOptions(), options: FineTuningOptions = FineTuningOptions()
  ) throws(CNNError) {
    let network = try TransferredNetwork(
      model: model, weights: try FilePath(fileURL: weights), options: loading,
      transfer: settings.transfer, classNames: source.training.classNames, seed: settings.seed)
    self.init(network: network, source: source, settings: settings, options: options)
  }

  /// The worker threads that the fine-tuning uses.
  package var threads: Int { options.threads ?? Workers.defaultCount }
}

extension CNNError.Code {
  /// The caller asked to stop.
  package static let stopped = CNNError.Code(rawValue: "stopped")
}

extension CNNError {
  /// How a request to stop finds its way out.
  package static let stopped = CNNError(.usage, .stopped, "the run was asked to stop")
}
