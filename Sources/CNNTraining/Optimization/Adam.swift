internal import CNNCore
internal import CNNKernels
internal import CNNPlatform

/// Adam (arXiv 1412.6980) as in PyTorch, bias correction included. With g the gradient plus
/// `weightDecay * weight`, in step t from 1:
///
///     first = beta1 * first + (1 - beta1) * g
///     second = beta2 * second + (1 - beta2) * g^2
///     weight -= rate / (1 - beta1^t) * first / (sqrt(second / (1 - beta2^t)) + epsilon)
public struct Adam: Sendable, Hashable, Codable {
  /// Share of the running mean of the gradient that remains in each step.
  public var beta1: Double
  /// Share of the running mean of its square that remains in each step.
  public var beta2: Double
  /// Added to the root, against division by zero.
  public var epsilon: Double
  /// Factor of the weight that is added to its gradient; not for biases and batch normalisation.
  public var weightDecay: Double

  /// Settings; the paper's by default.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// The step on a range of weights; `step` counts from 1.
  func kernel(
    rate: Double, gradientFactor: Double, decays: Bool, step: Int, kernels: KernelSet
  ) -> UpdateKernel {
    let settings = cnn_adam(
      gradient_factor: Float(gradientFactor), rate: Float(rate / (1 - pow(beta1, Double(step)))),
      beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
      decay: decays ? Float(weightDecay) : 0,
      root_correction: Float(1 / (1 - pow(beta2, Double(step))).squareRoot()))
    // A constant of the program.
    nonisolated(unsafe) let table = kernels.trainingTable
    return UpdateKernel { weights, moments, gradient, count in
      withUnsafePointer(to: settings) {
        table.pointee.adam_step($0, weights, moments.first, moments.second, gradient, count)
      }
    }
  }
}
