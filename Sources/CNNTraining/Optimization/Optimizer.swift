public import CNNCore
internal import CNNSystem

/// How gradients change weights.
public enum Optimizer: Sendable, Hashable, Codable {
  /// Stochastic gradient descent, with momentum or without.
  case sgd(SGD)
  /// Adam.
  case adam(Adam)

  /// Tensors that the optimiser remembers for each parameter.
  var momentCount: Int {
    switch self {
    case .sgd(let settings): settings.momentum == 0 ? 0 : 1
    case .adam: 2
    }
  }

  fileprivate func kernel(
    _ parameter: ParameterDescription, rate: Double, gradientFactor: Double, step: Int,
    kernels: KernelSet
  ) -> UpdateKernel {
    // Weights of convolutions and linear layers; biases and batch normalisation are vectors.
    let decays = parameter.role == .weight && parameter.shape.count >= 2
    return switch self {
    case .sgd(let settings):
      settings.kernel(rate: rate, gradientFactor: gradientFactor, decays: decays, kernels: kernels)
    case .adam(let settings):
      settings.kernel(
        rate: rate, gradientFactor: gradientFactor, decays: decays, step: step, kernels: kernels)
    }
  }
}

/// What an optimiser remembers between steps; with it a run continues as if it had never stopped.
public struct OptimizerState: Sendable {
  /// Steps made so far.
  public var steps: Int
  /// For each trained parameter by name: SGD's velocity, or Adam's first and second moment, each in
  /// the parameter's order in memory.
  public var moments: [String: [Tensor]]

  /// The state of a run that continues.
  public init(steps: Int, moments: [String: [Tensor]]) {
    self.steps = steps
    self.moments = moments
  }

  /// The state before the first step: all moments zero.
  package init(
    _ optimizer: Optimizer, for trained: [ParameterDescription], of parameters: TrainingParameters
  ) {
    steps = 0
    moments = [:]
    guard optimizer.momentCount > 0 else { return }
    for parameter in trained {
      let shape = parameters.elements(parameter.name).shape
      moments[parameter.name] = (0..<optimizer.momentCount).map { _ in Tensor(zeros: shape) }
    }
  }
}

extension Optimizer {
  /// One step: changes the parameters in place and returns the norm of the whole gradient.
  ///
  /// The norm is PyTorch's `clip_grad_norm_`: the root of the sum of the squares of all gradients.
  /// Where it is above `clippingNorm`, all gradients are multiplied by
  /// `clippingNorm / (norm + 1e-6)` first.
  ///
  /// - Parameters:
  ///   - parameters: the weights; nobody else may share their memory, or it is copied.
  ///   - gradients: of the trained parameters.
  ///   - state: the optimiser's memory, changed in place.
  ///   - rate: the learning rate of this step.
  ///   - clippingNorm: the largest norm, or nil for any.
  ///   - kernels: by default what `CNN_KERNELS` says, or the fastest.
  ///   - threads: worker threads; the bits do not depend on them.
  /// - Returns: the norm before clipping.
  @discardableResult
  package func step(
    _ parameters: inout TrainingParameters, _ gradients: ParameterGradients,
    _ state: inout OptimizerState, rate: Double, clippingNorm: Double? = nil,
    kernels: KernelSet = .automatic, threads: Int
  ) -> Double {
    state.steps += 1
    var factor = 1.0
    var known: Double?
    if let clippingNorm {
      let norm = gradients.norm(threads: threads)
      factor = min(1, clippingNorm / (norm + 1e-6))
      known = norm
    }
    let descriptions = Dictionary(
      uniqueKeysWithValues: parameters.descriptions.map { ($0.name, $0) })
    var squares = 0.0
    for (name, gradient) in gradients.entries {
      guard let description = descriptions[name] else {
        preconditionFailure("\(name) is no parameter")
      }
      let kernel = kernel(
        description, rate: rate, gradientFactor: factor, step: state.steps, kernels: kernels)
      let layout = parameters.layout(name)
      parameters.update(name) { weights in
        squares += weights.update(
          moments: &state.moments[name, default: []], kernel, gradient, layout: layout,
          measures: known == nil, kernels: kernels, threads: threads)
      }
    }
    return known ?? squares.squareRoot()
  }
}

extension Tensor {
  /// Applies a gradient; returns the sum of its squares if `measures` asks for it, else 0.
  fileprivate mutating func update(
    moments: inout [Tensor], _ kernel: UpdateKernel, _ gradient: ParameterGradient,
    layout: ParameterArray.Layout, measures: Bool, kernels: KernelSet, threads: Int
  ) -> Double {
    withUnsafeMutableElements { weights in
      moments.withMutablePointers { first, second in
        guard let weights = weights.baseAddress else { return 0 }
        let target = UpdateTarget(weights: weights, first: first, second: second, kernel: kernel)
        switch gradient {
        case .dense(let gradient):
          return target.apply(gradient, measures: measures, threads: threads)
        case .outerProduct(let product):
          return LinearUpdate(product, layout: layout, measures: measures, kernels: kernels)
            .run(target, threads: threads)
        }
      }
    }
  }
}

extension [Tensor] {
  /// The elements of up to two tensors, to be written in place.
  fileprivate mutating func withMutablePointers<Result>(
    _ body: (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) -> Result
  ) -> Result {
    guard !isEmpty else { return body(nil, nil) }
    var others = Array(self[1...])
    removeSubrange(1...)
    defer { append(contentsOf: others) }
    return self[0].withUnsafeMutableElements { first in
      guard !others.isEmpty else { return body(first.baseAddress, nil) }
      return others[0].withUnsafeMutableElements { second in
        body(first.baseAddress, second.baseAddress)
      }
    }
  }
}

extension UpdateTarget {
  /// Applies a gradient that lies in memory in full.
  fileprivate func apply(_ gradient: Tensor, measures: Bool, threads: Int) -> Double {
    gradient.withUnsafeElements { elements in
      guard let start = elements.baseAddress else { return }
      nonisolated(unsafe) let gradient = start
      Workers.forEachRange(count: elements.count, threads: threads) { range in
        apply(gradient + range.lowerBound, at: range.lowerBound, count: range.count)
      }
    }
    return measures ? gradient.squaredSum : 0
  }
}

/// What an optimiser does to a range of weights, given their gradient: the same to each weight, in
/// any range and on any thread.
struct UpdateKernel: Sendable {
  /// The same range of the optimiser's tensors; nil where it has fewer.
  struct Moments {
    let first: UnsafeMutablePointer<Float>?
    let second: UnsafeMutablePointer<Float>?
  }

  let apply:
    @Sendable (
      _ weights: UnsafeMutablePointer<Float>, _ moments: Moments,
      _ gradient: UnsafePointer<Float>, _ count: Int
    ) -> Void
}

/// The memory of a parameter and its moments while a step writes them.
///
/// `@unchecked Sendable`: threads write disjoint ranges, and the pointers are used only inside
/// the call that got them.
struct UpdateTarget: @unchecked Sendable {
  let weights: UnsafeMutablePointer<Float>
  let first: UnsafeMutablePointer<Float>?
  let second: UnsafeMutablePointer<Float>?
  let kernel: UpdateKernel

  /// Applies a range of the gradient that begins at element `offset` in memory.
  func apply(_ gradient: UnsafePointer<Float>, at offset: Int, count: Int) {
    kernel.apply(
      weights + offset,
      UpdateKernel.Moments(first: first.map { $0 + offset }, second: second.map { $0 + offset }),
      gradient, count)
  }
}
