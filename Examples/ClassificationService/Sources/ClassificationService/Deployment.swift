import CNNKit
import Synchronization

/// The classifier that answers now. Another one can take its place while requests are answered:
/// those that have begun end with the old one, which is freed with the last of them.
final class Deployment: Sendable {
  private let model: CNNModel
  private let weights: URL
  private let current: Mutex<ImageClassifier>

  init(model: CNNModel, weights: URL) async throws(CNNError) {
    self.model = model
    self.weights = weights
    current = Mutex(try await Self.load(model, weights))
  }

  /// The classifier for a new request.
  var classifier: ImageClassifier { current.withLock { $0 } }

  /// Loads the weights file again. If that fails, the classifier before stays.
  func reload() async throws(CNNError) {
    let classifier = try await Self.load(model, weights)
    current.withLock { $0 = classifier }
  }

  /// Loading takes a second or more, so it does not run on a thread of the cooperative pool.
  private static func load(_ model: CNNModel, _ weights: URL) async throws(CNNError)
    -> ImageClassifier
  {
    try await ComputeExecutor.shared.run { () throws(CNNError) in
      try ImageClassifier(model: model, weights: weights, decoding: .untrusted)
    }
  }
}
