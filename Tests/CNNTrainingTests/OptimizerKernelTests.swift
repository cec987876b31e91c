import CNNCore
import CNNTestSupport
import Testing

@testable import CNNTraining

/// The steps of the optimisers, with the kernels of every instruction set that the machine has, against
/// their formulas in double precision: numbers of weights below, at and above vectors of 4, 8 and 16,
/// at an address that is no multiple of a vector.
@Suite struct OptimizerKernelTests {
  static let counts = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100]
  static let sgd: [SGD] = [
    SGD(), SGD(weightDecay: 0.3), SGD(momentum: 0.9, weightDecay: 0.3),
    SGD(momentum: 0.9, nesterov: true, weightDecay: 0.3),
  ]

  /// The weights and moments `values` after one step.
  private func apply(
    _ kernel: UpdateKernel, to values: [[Float]], gradient: [Float]
  ) -> [[Float]] {
    let stride = gradient.count + 1
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: values.count * stride)
    defer { memory.deallocate() }
    memory.initialize(repeating: 0, count: values.count * stride)
    for (number, elements) in values.enumerated() {
      (memory + number * stride + 1).update(from: elements, count: elements.count)
    }
    let target = UpdateTarget(
      weights: memory + 1, first: values.count > 1 ? memory + stride + 1 : nil,
      second: values.count > 2 ? memory + 2 * stride + 1 : nil, kernel: kernel)
    target.apply(gradient, at: 0, count: gradient.count)
    return values.indices.map { number in
      let start = memory + number * stride + 1
      return Array(UnsafeBufferPointer(start: start, count: gradient.count))
    }
  }

  private func numbers(_ count: Int, _ stream: Int) -> [Float] {
    SyntheticNumbers.uniform(count: count, stream: stream)
  }

  /// Values near 1 and a few operations on them: some units of 6e-8.
  private let tolerance: Float = 5e-7

  @Test(arguments: sgd, KernelSet.available)
  func stochasticGradientDescent(_ settings: SGD, kernels: KernelSet) {
    let (rate, factor, momentum) = (0.1, 0.7, settings.momentum)
    let kernel = settings.kernel(
      rate: rate, gradientFactor: factor, decays: true, kernels: kernels)
    for count in Self.counts {
      let (weights, velocity, gradient) = (numbers(count, 0), numbers(count, 1), numbers(count, 2))
      let result = apply(
        kernel, to: momentum == 0 ? [weights] : [weights, velocity], gradient: gradient)
      var expected: [[Float]] = result.map { _ in [] }
      for index in 0..<count {
        let w = Double(weights[index])
        let g: Double = factor * Double(gradient[index]) + settings.weightDecay * w
        let v: Double = momentum * Double(velocity[index]) + g
        let step: Double = settings.nesterov ? g + momentum * v : v
        expected[0].append(Float(w - rate * (momentum == 0 ? g : step)))
        if momentum != 0 { expected[1].append(Float(v)) }
      }
      for (result, expected) in zip(result, expected) {
        expectClose(result, expected, absolute: tolerance, "\(count) weights")
      }
    }
  }

  @Test(arguments: [0, 0.3], KernelSet.available)
  func adam(_ weightDecay: Double, kernels: KernelSet) {
    let settings = Adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: weightDecay)
    let (rate, factor, step) = (0.1, 0.7, 2)
    let kernel = settings.kernel(
      rate: rate, gradientFactor: factor, decays: true, step: step, kernels: kernels)
    for count in Self.counts {
      let (weights, first, gradient) = (numbers(count, 0), numbers(count, 1), numbers(count, 2))
      let second = numbers(count, 3).map(\.magnitude)
      let result = apply(kernel, to: [weights, first, second], gradient: gradient)
      var expected: [[Float]] = [[], [], []]
      for index in 0..<count {
        let w = Double(weights[index])
        let g: Double = factor * Double(gradient[index]) + weightDecay * w
        let m: Double = 0.8 * Double(first[index]) + 0.2 * g
        let v: Double = 0.95 * Double(second[index]) + 0.05 * g * g
        // The corrections in step 2: 1 - 0.8^2 and 1 - 0.95^2.
        let root: Double = (v / 0.0975).squareRoot() + 1e-3
        let change: Double = rate / 0.36 * m / root
        expected[0].append(Float(w - change))
        expected[1].append(Float(m))
        expected[2].append(Float(v))
      }
      // The change of a weight is a quotient up to some tenths.
      for (result, expected) in zip(result, expected) {
        expectClose(result, expected, absolute: 2 * tolerance, "\(count) weights")
      }
    }
  }

  /// The sum of squares has the same bits with all kernels, because the products are exact in double
  /// precision and the order of the additions is fixed.
  @Test func squaredSums() throws {
    for count in Self.counts {
      let values = numbers(count, 4)
      let tensor = Tensor(shape: [count], elements: values)
      let expected = values.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(tensor.squaredSum - expected) <= 1e-15 * Double(count) * expected)
      let product = OuterProduct(
        outputs: Tensor(shape: [1, 1], elements: [1]),
        inputs: Tensor(shape: [1, count], elements: values))
      for kernels in KernelSet.available {
        let formed = product.formed(layout: .outputInput, kernels: kernels, threads: 1)
        #expect(formed.squaredSum == tensor.squaredSum)
      }
    }
  }
}
