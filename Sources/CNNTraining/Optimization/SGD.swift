internal import CNNCore
internal import CNNKernels

/// Stochastic gradient descent as PyTorch's `SGD` (Sutskever et al., "On the importance of
/// initialization and momentum in deep learning", 2013). With g the gradient plus
/// `weightDecay * weight`:
///
///     velocity = momentum * velocity + g
///     weight -= rate * velocity                       (nesterov: rate * (g + momentum * velocity))
public struct SGD: Sendable, Hashable, Codable {
  /// Share of the velocity that remains in each step, at least 0 and below 1.
  public var momentum: Double
  /// Whether the step looks ahead along the velocity (Nesterov's form).
  public var nesterov: Bool
  /// Factor of the weight that is added to its gradient; not for biases and batch normalisation.
  public var weightDecay: Double

  /// Settings; plain gradient descent by default.
  public init(momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0) {
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// The step on a range of weights.
  func kernel(
    rate: Double, gradientFactor: Double, decays: Bool, kernels: KernelSet
  ) -> UpdateKernel {
    let settings = cnn_sgd(
      gradient_factor: Float(gradientFactor), rate: Float(rate), momentum: Float(momentum),
      decay: decays ? Float(weightDecay) : 0, nesterov: nesterov)
    // A constant of the program.
    nonisolated(unsafe) let table = kernels.trainingTable
    return UpdateKernel { weights, moments, gradient, count in
      withUnsafePointer(to: settings) {
        table.pointee.sgd_step($0, weights, moments.first, gradient, count)
      }
    }
  }
}
