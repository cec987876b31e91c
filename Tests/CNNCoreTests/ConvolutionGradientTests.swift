import CNNCore
import CNNKernels
import Testing

/// The kernels of a convolution's gradients, of each instruction set that the machine has, against
/// plain loops in double precision: sizes below, at and above the tiles, channels that fill no block,
/// strides, padding that differs on each side, groups.
@Suite struct ConvolutionGradientTests {
  /// Maps that register tiles of 3, 6 and 14 pixels and Winograd's tiles of 4 fill and do not fill.
  private static let sizes = [
    (1, 1), (2, 9), (3, 4), (4, 1), (5, 14), (7, 7), (8, 15), (13, 6), (14, 13), (15, 29), (29, 2),
  ]
  private static let channels = [(16, 32), (3, 16), (24, 40), (32, 21), (48, 48)]

  /// A convolution of a kernel, with channels and batches that go through all with the sizes.
  private static func shapes(
    _ rows: Int, _ columns: Int, stride: Int = 1, padding: (Int, Int, Int, Int)
  ) -> [ReferenceConvolution] {
    sizes.enumerated().map { index, size in
      let (channels, outputs) = Self.channels[(index + rows) % Self.channels.count]
      return ReferenceConvolution(
        pictures: 1 + index % 3, channels: channels, height: size.0, width: size.1,
        outputs: outputs, rows: rows, columns: columns, stride: stride, top: padding.0,
        left: padding.1, bottom: padding.2, right: padding.3)
    }.filter { $0.height + $0.top + $0.bottom >= rows && $0.width + $0.left + $0.right >= columns }
  }

  private static func grouped(
    _ channels: Int, _ outputs: Int, _ kernel: Int, stride: Int, _ height: Int, _ width: Int
  ) -> ReferenceConvolution {
    let edge = kernel / 2
    return ReferenceConvolution(
      channels: channels, height: height, width: width, outputs: outputs, rows: kernel,
      columns: kernel, stride: stride, top: edge, left: edge, bottom: edge, right: edge, groups: 2)
  }

  static let winogradShapes =
    shapes(3, 3, padding: (1, 1, 1, 1)) + shapes(3, 3, padding: (0, 2, 1, 0))
    + [
      grouped(64, 96, 3, stride: 1, 9, 13), grouped(48, 40, 3, stride: 1, 6, 5),
      // More tiles than one chain of additions takes.
      ReferenceConvolution(
        pictures: 4, channels: 16, height: 24, width: 25, outputs: 16, rows: 3, columns: 3, top: 1,
        left: 1, bottom: 1, right: 1),
    ]
  static let directShapes =
    winogradShapes + shapes(1, 1, padding: (0, 0, 0, 0))
    + shapes(1, 1, stride: 2, padding: (0, 0, 0, 0))
    + shapes(3, 3, stride: 2, padding: (1, 1, 1, 1))
    + shapes(3, 3, stride: 2, padding: (0, 0, 1, 1)) + shapes(5, 5, padding: (2, 2, 2, 2))
    + shapes(7, 7, stride: 2, padding: (3, 3, 3, 3))
    + shapes(3, 2, stride: 3, padding: (1, 0, 1, 1))
    + [
      grouped(48, 40, 5, stride: 1, 8, 7), grouped(80, 48, 3, stride: 2, 9, 15),
      ReferenceConvolution(
        channels: 20, height: 29, width: 31, outputs: 24, rows: 11, columns: 11, stride: 4, top: 2,
        left: 2, bottom: 2, right: 2),
    ]
  /// First layers: a picture with few channels.
  static let planarShapes = [
    (3, 16, 9, 15, 3, 1, 1), (3, 64, 33, 31, 7, 2, 3), (1, 6, 28, 28, 5, 1, 0),
    (4, 33, 8, 9, 3, 2, 1), (3, 40, 43, 51, 11, 4, 2), (2, 16, 1, 1, 3, 2, 1),
  ].map { channels, outputs, height, width, kernel, stride, edge in
    ReferenceConvolution(
      channels: channels, height: height, width: width, outputs: outputs, rows: kernel,
      columns: kernel, stride: stride, top: edge, left: edge, bottom: edge, right: edge)
  }

  /// What a test of one shape with the kernels of one instruction set needs.
  private struct Operands {
    let expected: ReferenceProducts
    let run: ConvolutionKernels
    let input: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    let weight: UnsafeMutablePointer<Float>
    /// Zeros, for as many channels as the input has.
    let noBias: UnsafeMutablePointer<Float>
    /// A map of the input's shape, half of it above zero.
    let other: ReferenceMap
    let otherBlocked: UnsafeMutablePointer<Float>

    init(_ shape: ReferenceConvolution, _ kernels: KernelSet) throws {
      let memory = KernelMemory()
      expected = ReferenceProducts(shape)
      run = ConvolutionKernels(
        kernels: try #require(kernels.table).pointee, memory: memory, shape: shape)
      input = memory.array(expected.input.blocked(groups: shape.groups))
      gradient = memory.array(expected.gradient.blocked(groups: shape.groups))
      weight = memory.array(expected.weight.map(Float.init))
      noBias = memory.array([Float](repeating: 0, count: shape.inputBlocks * 16))
      other = ReferenceMap(random: shape.inputShape, stream: 4)
      otherBlocked = memory.array(other.blocked(groups: shape.groups))
    }

    var shape: ReferenceConvolution { run.shape }

    func epilogue(_ bias: UnsafePointer<Float>) -> cnn_epilogue {
      cnn_epilogue(
        bias: bias, residual: nil, residual_picture_stride: 0, mask: nil, mask_picture_stride: 0,
        relu: false)
    }

    var biased: cnn_epilogue {
      epilogue(run.memory.array(blockedChannels(expected.bias, groups: shape.groups)))
    }

    /// Adds the other map and masks by it.
    var masked: cnn_epilogue {
      let stride = other.pictureStride(groups: shape.groups)
      return cnn_epilogue(
        bias: noBias, residual: otherBlocked, residual_picture_stride: stride, mask: otherBlocked,
        mask_picture_stride: stride, relu: false)
    }

    func expectOutput(
      _ output: UnsafePointer<Float>, _ tolerance: (Int) -> Double, _ name: String
    ) {
      expectWithin(
        expected.gradient.planar(output, groups: shape.groups), expected.output.values, tolerance,
        name)
    }

    func expectInputGradient(
      _ gradient: UnsafePointer<Float>, isMasked: Bool, _ tolerance: (Int) -> Double, _ name: String
    ) {
      let values = expected.inputGradient.values
      // Adding the other map rounds once more.
      expectWithin(
        other.planar(gradient, groups: shape.groups),
        isMasked
          ? zip(values, other.values).map { $1 > 0 ? $0 + $1 : 0 } : values,
        { tolerance($0) + (isMasked ? 0x1p-24 * (abs(values[$0]) + abs(other.values[$0])) : 0) },
        name)
    }

    /// All bits of a gradient of the weights in blocks, also those of channels that do not exist.
    func bits(_ gradient: UnsafePointer<Float>) -> [UInt32] {
      let count = shape.outputBlocks * blockCount(shape.groupInputs) * shape.taps * 256
      return (0..<count).map { gradient[$0].bitPattern }
    }
  }

  @Test(arguments: directShapes, KernelTests.ownKernels)
  func direct(_ shape: ReferenceConvolution, kernels: KernelSet) throws {
    let test = try Operands(shape, kernels)
    let (run, expected) = (test.run, test.expected)
    defer { run.memory.end("\(shape)") }

    let packed = run.packed(test.weight)
    #expect(run.unpacked(packed) == expected.weight.map(Float.init))
    test.expectOutput(
      run.forward(test.input, weight: packed, epilogue: test.biased),
      expected.output.directTolerance, "output")

    let plain = test.epilogue(test.noBias)
    let tolerance = expected.inputGradient.directTolerance
    test.expectInputGradient(
      run.inputGradient(test.gradient, weight: test.weight, epilogue: plain), isMasked: false,
      tolerance, "gradient of the input")
    test.expectInputGradient(
      run.inputGradient(test.gradient, weight: packed, isBlocked: true, epilogue: test.masked),
      isMasked: true, tolerance, "gradient of the input, masked")

    let weightGradient = run.weightGradient(
      test.input, test.gradient, inputs: 8, outputs: 8, threads: 1)
    expectWithin(
      run.unpacked(weightGradient), expected.weightGradient.values,
      expected.weightGradient.directTolerance, "gradient of the weights")
    // Other units, and more threads, give the same bits.
    for (inputs, outputs, threads) in [(1, 1, 3), (3, 2, 2)] {
      let other = run.weightGradient(
        test.input, test.gradient, inputs: inputs, outputs: outputs, threads: threads)
      #expect(test.bits(other) == test.bits(weightGradient))
    }
  }

  @Test(arguments: winogradShapes, KernelTests.ownKernels)
  func winograd(_ shape: ReferenceConvolution, kernels: KernelSet) throws {
    let test = try Operands(shape, kernels)
    let (run, expected) = (test.run, test.expected)
    defer { run.memory.end("\(shape)") }

    test.expectOutput(
      run.winograd(
        test.input, isGradient: false, weight: run.winogradPacked(test.weight),
        epilogue: test.biased), { _ in expected.output.winogradTolerance }, "output")

    let turned = run.winogradPacked(test.weight, transposes: true)
    let fromBlocks = run.winogradPacked(
      run.packed(test.weight), isBlocked: true, transposes: true)
    let size = shape.inputBlocks * blockCount(shape.groupOutputs) * 36 * 256
    #expect((0..<size).allSatisfy { turned[$0].bitPattern == fromBlocks[$0].bitPattern })
    for (epilogue, isMasked) in [(test.epilogue(test.noBias), false), (test.masked, true)] {
      test.expectInputGradient(
        run.winograd(test.gradient, isGradient: true, weight: turned, epilogue: epilogue),
        isMasked: isMasked, { _ in expected.inputGradient.winogradTolerance },
        "gradient of the input, masked: \(isMasked)")
    }

    // All tiles at once, and chunks of a few, which add in another order.
    for chunk in [Int.max, 5] {
      let weightGradient = run.winogradWeightGradient(
        test.input, test.gradient, chunk: chunk, inputs: 4, outputs: 2, threads: 1)
      expectWithin(
        run.unpacked(weightGradient), expected.weightGradient.values,
        { _ in expected.weightGradient.winogradTolerance }, "gradient of the weights")
      let other = run.winogradWeightGradient(
        test.input, test.gradient, chunk: chunk, inputs: 1, outputs: 3, threads: 3)
      #expect(test.bits(other) == test.bits(weightGradient))
    }
  }

  @Test(arguments: planarShapes, KernelTests.ownKernels)
  func planar(_ shape: ReferenceConvolution, kernels: KernelSet) throws {
    let test = try Operands(shape, kernels)
    let (run, expected) = (test.run, test.expected)
    defer { run.memory.end("\(shape)") }
    let input = run.memory.array(expected.input.values.map(Float.init))
    let result = run.planarWeightGradient(input, test.gradient, lines: 99, outputs: 2)
    // [output blocks][channels][taps][16]
    let row = shape.channels * shape.taps
    let actual = (0..<shape.weightCount).map { index in
      let (output, rest) = (index / row, index % row)
      return result[(output / 16 * row + rest) * 16 + output % 16]
    }
    expectWithin(
      actual, expected.weightGradient.values, expected.weightGradient.directTolerance,
      "gradient of the weights")
    let other = run.planarWeightGradient(input, test.gradient, lines: 2, outputs: 1)
    #expect(
      (0..<shape.outputBlocks * row * 16).allSatisfy {
        result[$0].bitPattern == other[$0].bitPattern
      })
  }

  /// The pixels that a 1x1 convolution with a stride reads.
  @Test(arguments: KernelTests.ownKernels)
  func subsampling(_ kernels: KernelSet) throws {
    let table = try #require(kernels.table).pointee
    let memory = KernelMemory()
    defer { memory.end("subsampling") }
    let map = ReferenceMap(random: [2, 20, 7, 9], stream: 0)
    var small = ReferenceMap(zeros: [2, 20, 4, 3])
    for index in small.values.indices {
      let (plane, y, x) = (index / 12, index % 12 / 3, index % 3)
      small.values[index] = map.values[(plane * 7 + 2 * y) * 9 + 3 * x]
    }
    var layer = cnn_subsampling(
      input: memory.array(map.blocked()), input_picture_stride: map.pictureStride(), height: 7,
      width: 9, output: memory.array(2 * small.pictureStride()),
      output_picture_stride: small.pictureStride(), output_height: 4, output_width: 3,
      row_stride: 2, column_stride: 3)
    forEachUnit(units(pictures: 2, blocks: 2)) { table.subsample(&layer, $0) }
    #expect(small.planar(layer.output) == small.values.map(Float.init))
  }
}
