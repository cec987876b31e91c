public import CNNCore

/// Weights and inputs that are a formula of their index, so that a script in another language can
/// make the same ones and no weights file is needed (`Scripts/fixtures/network_logits.py`).
public enum SyntheticNumbers {
  /// Numbers in [-1, 1) with 24 random bits.
  public static func uniform(count: Int, seed: UInt64 = 7, stream: Int) -> [Float] {
    let numbers = RandomNumbers(seed: seed, stream: stream)
    return (0..<count).map { Float(numbers.bits($0) >> 40) * 0x1p-23 - 1 }
  }

  /// A batch of pictures `[N, C, H, W]` with values in [-2, 2).
  public static func input(_ shape: [Int]) -> Tensor {
    Tensor(shape: shape, elements: uniform(count: shape.reduce(1, *), stream: 1000).map { 2 * $0 })
  }

  /// Parameters of He's size, with BatchNorm statistics that are not the identity.
  public static func parameters(of network: Network) -> Parameters {
    var arrays: [String: ParameterArray] = [:]
    for (stream, parameter) in network.parameters.enumerated() {
      let numbers = uniform(count: parameter.count, stream: stream)
      let scaled: [Float]
      switch parameter.role {
      case .weight where parameter.shape.count >= 2:
        let bound = (6 / Float(parameter.shape.dropFirst().reduce(1, *))).squareRoot()
        scaled = numbers.map { $0 * bound }
      case .weight: scaled = numbers.map { 1 + 0.25 * $0 }
      case .bias: scaled = numbers.map { 0.1 * $0 }
      case .statistic where parameter.name.hasSuffix("running_var"):
        scaled = numbers.map { 1 + 0.5 * $0 }
      case .statistic: scaled = numbers.map { 0.2 * $0 }
      }
      arrays[parameter.name] = ParameterArray(Tensor(shape: parameter.shape, elements: scaled))
    }
    return Parameters(arrays, for: network)
  }
}
