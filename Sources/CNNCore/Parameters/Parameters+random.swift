internal import CNNSystem

extension Parameters {
  /// Random parameters that make activations keep their size through the network: He's
  /// initialisation (arXiv 1502.01852), drawn uniformly; biases 0, BatchNorm the identity.
  ///
  /// The same seed gives the same numbers on every machine. They are for trying, timing and
  /// training from scratch: predictions mean nothing.
  ///
  /// - Parameters:
  ///   - network: whose parameters.
  ///   - seed: any number.
  /// - Returns: one array of its own memory for each parameter.
  public static func random(for network: Network, seed: UInt64) -> Parameters {
    var arrays: [String: ParameterArray] = [:]
    for (index, parameter) in network.parameters.enumerated() {
      let tensor: Tensor
      switch (parameter.role, parameter.shape.count) {
      case (.weight, 2...):
        let inputs = parameter.shape.dropFirst().reduce(1, *)
        tensor = .uniform(
          parameter.shape, bound: (6 / Float(inputs)).squareRoot(), seed: seed, stream: index)
      case (.weight, _):
        tensor = Tensor(shape: parameter.shape, elements: repeatElement(1, count: parameter.count))
      case (.statistic, _) where parameter.name.hasSuffix("running_var"):
        tensor = Tensor(shape: parameter.shape, elements: repeatElement(1, count: parameter.count))
      default:
        tensor = Tensor(zeros: parameter.shape)
      }
      arrays[parameter.name] = ParameterArray(tensor)
    }
    return Parameters(arrays, for: network)
  }
}

extension Tensor {
  /// Numbers drawn evenly from `-bound..<bound`.
  ///
  /// - Parameters:
  ///   - seed: the same seed gives the same numbers on every machine.
  ///   - stream: another stream gives other numbers.
  package static func uniform(
    _ shape: [Int], bound: Float, seed: UInt64, stream: Int
  ) -> Tensor {
    let key = RandomBits.mix(seed) &+ UInt64(stream) << 40
    return Tensor(uninitialized: shape) { target in
      // Each element is a pure function of its index, so threads need no shared generator.
      nonisolated(unsafe) let target = target
      let block = 1 << 16
      let blocks = (target.count + block - 1) / block
      Workers.forEach(count: blocks, threads: Workers.defaultCount) { number in
        for index in (number * block)..<min(target.count, (number + 1) * block) {
          let bits = RandomBits.mix(key &+ UInt64(index))
          let unit = Float(bits >> 40) * 0x1p-24
          target[index] = (2 * unit - 1) * bound
        }
      }
    }
  }
}
