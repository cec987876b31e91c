internal import CNNPlatform
package import CNNSystem

/// Settings of local response normalisation:
/// `y = x / (bias + alpha * sum of x^2 over 2 * radius + 1 channels) ^ beta`.
///
/// `alpha` multiplies the plain sum, as in the paper and TensorFlow. Caffe and PyTorch divide
/// theirs by the number of channels first.
public struct LocalResponseNorm: Sendable, Hashable {
  /// Channels on each side that take part.
  public var radius: Int
  /// Factor of the sum of squares.
  public var alpha: Float
  /// Exponent.
  public var beta: Float
  /// The constant k.
  public var bias: Float

  /// A normalisation from its settings.
  public init(radius: Int, alpha: Float, beta: Float, bias: Float) {
    self.radius = radius
    self.alpha = alpha
    self.beta = beta
    self.bias = bias
  }

  /// Caffe's `bvlc_alexnet`: local_size 5, alpha 1e-4 divided by 5, beta 0.75, k 1.
  public static let caffe = LocalResponseNorm(radius: 2, alpha: 2e-5, beta: 0.75, bias: 1)
  /// The AlexNet paper: n 5, alpha 1e-4, beta 0.75, k 2.
  public static let paper = LocalResponseNorm(radius: 2, alpha: 1e-4, beta: 0.75, bias: 2)
}

extension LocalResponseNorm: UnaryLayer {
  package static let name = "localResponseNorm"
  package var layer: Layer { .localResponseNorm(self) }
  package var summary: String { "LRN" }

  package init(from settings: LayerSettings.Reader) throws {
    self.init(
      radius: try settings.count("radius", minimum: 0),
      alpha: try settings.number("alpha", in: 0...), beta: try settings.number("beta", in: 0...),
      bias: try settings.number("constant", in: 0...))
  }

  package func write(to settings: inout LayerSettings.Writer) throws {
    try settings.write(radius, "radius")
    try settings.write(alpha, "alpha")
    try settings.write(beta, "beta")
    try settings.write(bias, "constant")
  }

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    try requireMap(inputs[0])
    try requireSetting(radius >= 0, "the radius cannot be negative")
    return inputs[0]
  }

  /// Input and result `[N, C, H, W]`; at each position
  ///
  ///     result[c] = input[c] / (bias + alpha * sum of input[c - radius ... c + radius]^2) ^ beta
  ///
  /// where channels outside the input count as zero (AlexNet, section 3.3).
  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
    let extent = input.planeExtent
    let (channels, plane) = (input.shape[1], extent.height * extent.width)
    return input.mappingPlanes(to: extent, threads: threads) { source, target, channel in
      let first = max(0, channel - radius)
      let last = min(channels - 1, channel + radius)
      // The sums are collected in the plane that will hold the result. Each channel adds its whole
      // window anew: a running sum would keep the rounding errors of large values that have left it.
      target.update(repeating: 0, count: plane)
      for neighbour in first...last {
        let values = source + (neighbour - channel) * plane
        for index in 0..<plane { target[index] += values[index] * values[index] }
      }
      for index in 0..<plane {
        target[index] = source[index] / pow(bias + alpha * target[index], beta)
      }
    }
  }
}
