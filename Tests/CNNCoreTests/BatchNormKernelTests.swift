import CNNCore
import CNNKernels
import Testing

/// Batch normalisation with the statistics of the batch, forward and backward, of each instruction
/// set that the machine has, against plain loops in double precision.
@Suite struct BatchNormKernelTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let shape: [Int]
    let relu: Bool
    let hasResidual: Bool
    var ceiling = Double.infinity
    /// Added to all inputs, whose deviation is about 1.
    var offset = 0.0
    var testDescription: String {
      "\(shape), ReLU \(relu) up to \(ceiling), residual \(hasResidual), offset \(offset)"
    }
  }

  static let cases =
    [[3, 24, 1, 5], [2, 16, 7, 3], [1, 33, 4, 4], [4, 5, 1, 1]].flatMap { shape in
      [(true, true), (true, false), (false, true), (false, false)].map {
        Case(shape: shape, relu: $0.0, hasResidual: $0.1)
      }
    } + [
      Case(shape: [2, 20, 6, 9], relu: true, hasResidual: false, ceiling: 1),
      Case(shape: [2, 20, 6, 9], relu: true, hasResidual: true, ceiling: 1),
      Case(shape: [3, 16, 13, 5], relu: true, hasResidual: false, offset: 100),
    ]

  /// The expected results.
  private struct Reference {
    let input: ReferenceMap
    let residual: ReferenceMap
    var gradient: ReferenceMap
    let gamma: [Double]
    let beta: [Double]
    var mean: [Double]
    var variance: [Double]
    var output: ReferenceMap
    /// The gradient before ReLU.
    var masked: ReferenceMap
    var gammaGradient: [Double]
    var betaGradient: [Double]
    var inputGradient: ReferenceMap
    static let epsilon = 1e-3

    init(_ test: Case) {
      var input = ReferenceMap(random: test.shape, stream: 0)
      for index in input.values.indices {
        input.values[index] = Double(Float(2 * input.values[index] + test.offset))
      }
      let (channels, plane) = (input.channels, input.plane)
      residual = ReferenceMap(random: test.shape, stream: 1)
      gradient = ReferenceMap(random: test.shape, stream: 2)
      gamma = reference(random: channels, stream: 3).map { Double(Float(1 + 0.5 * $0)) }
      beta = reference(random: channels, stream: 4)
      (output, masked, inputGradient) = (input, input, input)
      self.input = input
      let zeros = [Double](repeating: 0, count: channels)
      (mean, variance, gammaGradient, betaGradient) = (zeros, zeros, zeros, zeros)
      let count = Double(input.pictures * plane)
      for channel in 0..<channels {
        let indices = (0..<input.pictures).flatMap { picture in
          let first = (picture * channels + channel) * plane
          return first..<first + plane
        }
        mean[channel] = indices.reduce(0) { $0 + input.values[$1] } / count
        variance[channel] =
          indices.reduce(0) {
            $0 + (input.values[$1] - mean[channel]) * (input.values[$1] - mean[channel])
          } / count
        let inverse = 1 / (variance[channel] + Self.epsilon).squareRoot()
        func normalized(_ index: Int) -> Double {
          (input.values[index] - mean[channel]) * inverse
        }
        for index in indices {
          let value =
            normalized(index) * gamma[channel] + beta[channel]
            + (test.hasResidual ? residual.values[index] : 0)
          output.values[index] = test.relu ? min(test.ceiling, max(0, value)) : value
          let isCut = test.relu && (value <= 0 || value >= test.ceiling)
          // Where rounding decides whether ReLU cuts off, no gradient: both answers are right.
          let margin = 1e-5 * (1 + abs(test.offset))
          if test.relu, min(abs(value), abs(value - test.ceiling)) < margin {
            gradient.values[index] = 0
          }
          masked.values[index] = isCut ? 0 : gradient.values[index]
          betaGradient[channel] += masked.values[index]
          gammaGradient[channel] += masked.values[index] * normalized(index)
        }
        for index in indices {
          inputGradient.values[index] =
            gamma[channel] * inverse
            * (masked.values[index] - betaGradient[channel] / count
              - normalized(index) * gammaGradient[channel] / count)
        }
      }
    }
  }

  @Test(arguments: cases, KernelTests.ownKernels)
  func equalsPlainLoops(_ test: Case, kernels: KernelSet) throws {
    let table = try #require(kernels.table).pointee
    let memory = KernelMemory()
    defer { memory.end("\(test)") }
    let expected = Reference(test)
    let map = expected.input
    let (blocks, plane, pictures) = (map.blocks(), map.plane, map.pictures)
    let stride = map.pictureStride()
    func channels() -> UnsafeMutablePointer<Float> { memory.array(blocks * 16) }
    func maps() -> UnsafeMutablePointer<Float> { memory.array(pictures * stride) }
    let residual = test.hasResidual ? memory.array(expected.residual.blocked()) : nil

    var forward = cnn_batch_norm(
      pictures: pictures, plane: plane, blocks: blocks, input: memory.array(map.blocked()),
      input_picture_stride: stride, sums: memory.doubles(pictures * blocks * 32),
      gamma: memory.array(blockedChannels(expected.gamma)),
      beta: memory.array(blockedChannels(expected.beta)), epsilon: Float(Reference.epsilon),
      mean: channels(), variance: channels(), inverse: channels(), factor: channels(),
      output: maps(), output_picture_stride: stride, residual: residual,
      residual_picture_stride: stride, relu: test.relu, ceiling: Float(test.ceiling))
    forEachUnit(units(pictures: pictures, blocks: blocks)) { table.batch_norm_sums(&forward, $0) }
    forEachUnit(units(blocks: blocks)) { table.batch_norm_finish(&forward, $0) }
    forEachUnit(units(pictures: pictures, last: plane, by: 4, blocks: blocks)) {
      table.batch_norm_forward(&forward, $0)
    }
    // Sums are taken in double precision, so what remains are the roundings of the mean, of about the
    // offset's size, and of a few operations on values up to 4.
    let rounding = 0x1p-24 * (16 + 4 * abs(test.offset))
    expectWithin(
      (0..<map.channels).map { forward.mean[$0] }, expected.mean,
      { 0x1p-24 * (1e-6 + abs(expected.mean[$0])) }, "mean")
    expectWithin(
      (0..<map.channels).map { forward.variance[$0] }, expected.variance,
      { 0x1p-23 * expected.variance[$0] + 1e-12 }, "variance")
    expectWithin(
      map.planar(forward.output), expected.output.values, { _ in rounding * 2 }, "output")

    // With a residual the masked gradient is stored in place of the gradient, and read from there.
    let gradient = memory.array(expected.gradient.blocked())
    var backward = cnn_batch_norm_gradient(
      pictures: pictures, plane: plane, blocks: blocks, input: forward.input,
      input_picture_stride: stride, beta: forward.beta, mean: forward.mean,
      inverse: forward.inverse, factor: forward.factor, gradient: gradient,
      gradient_picture_stride: stride, relu: test.relu, ceiling: Float(test.ceiling),
      mask: test.hasResidual ? UnsafePointer(forward.output) : nil, mask_picture_stride: stride,
      masked: test.hasResidual ? gradient : nil, masked_picture_stride: stride,
      sums: memory.doubles(pictures * blocks * 32), gamma_gradient: channels(),
      beta_gradient: channels(), gradient_mean: channels(), product_mean: channels(),
      input_gradient: test.hasResidual ? maps() : gradient,
      input_gradient_picture_stride: stride)
    forEachUnit(units(pictures: pictures, blocks: blocks)) {
      table.batch_norm_gradient_sums(&backward, $0)
    }
    forEachUnit(units(blocks: blocks)) { table.batch_norm_finish_gradient(&backward, $0) }
    if test.hasResidual {
      #expect(map.planar(gradient) == expected.masked.values.map(Float.init))
      backward.relu = false
    }
    forEachUnit(units(pictures: pictures, last: plane, by: 4, blocks: blocks)) {
      table.batch_norm_backward(&backward, $0)
    }
    let count = Double(pictures * plane)
    // Each of `count` products has a normalised input that is rounded as the output is.
    expectWithin(
      (0..<map.channels).map { backward.gamma_gradient[$0] }, expected.gammaGradient,
      { _ in rounding * 2 * count }, "gradient of gamma")
    expectWithin(
      (0..<map.channels).map { backward.beta_gradient[$0] }, expected.betaGradient,
      { _ in 0x1p-24 * count }, "gradient of beta")
    expectWithin(
      map.planar(backward.input_gradient), expected.inputGradient.values,
      { index in
        let channel = index / plane % map.channels
        let inverse = 1 / (expected.variance[channel] + Reference.epsilon).squareRoot()
        return rounding * 8 * inverse * max(1, inverse)
      }, "gradient of the input")
  }
}
