import CNNCore
import CNNKernels
import Testing

/// Depthwise convolution and its gradients, of each instruction set that the machine has, against
/// plain loops in double precision.
@Suite struct DepthwiseKernelTests {
  /// Kernels that have tiles of their own, 3 and 5, and others; rows below, at and above the seven
  /// pixels of a tile; strides; padding that differs on each side.
  static let shapes: [ReferenceConvolution] = {
    let windows: [(Int, Int)] = [(3, 3), (5, 5), (7, 7), (3, 5), (2, 4)]
    let sizes: [(Int, Int)] = [(1, 1), (2, 9), (6, 6), (7, 15), (14, 7), (15, 29)]
    var shapes: [ReferenceConvolution] = []
    for (rows, columns) in windows {
      for stride in 1...3 {
        for (index, size) in sizes.enumerated() {
          let channels = [16, 24, 33][(index + stride) % 3]
          let edge = index % 2
          let shape = ReferenceConvolution(
            pictures: 1 + index % 3, channels: channels, height: size.0, width: size.1,
            outputs: channels, rows: rows, columns: columns, stride: stride, top: rows / 2,
            left: columns / 2 - edge, bottom: (rows - 1) / 2 + edge, right: columns / 2,
            groups: channels)
          let height = shape.height + shape.top + shape.bottom
          let width = shape.width + shape.left + shape.right
          if height >= rows && width >= columns { shapes.append(shape) }
        }
      }
    }
    return shapes
  }()

  /// `[C, taps]` as the kernels read it, `[blocks][taps][16]`.
  private func packed(_ weight: [Double], taps: Int, turned: Bool = false) -> [Float] {
    var result = [Float](repeating: 0, count: blockCount(weight.count / taps) * taps * 16)
    for (index, value) in weight.enumerated() {
      let (channel, tap) = (index / taps, turned ? taps - 1 - index % taps : index % taps)
      result[(channel / 16 * taps + tap) * 16 + channel % 16] = Float(value)
    }
    return result
  }

  @Test(arguments: shapes, KernelTests.ownKernels)
  func equalsPlainLoops(_ shape: ReferenceConvolution, kernels: KernelSet) throws {
    let table = try #require(kernels.table).pointee
    let memory = KernelMemory()
    defer { memory.end("\(shape)") }
    let expected = ReferenceProducts(shape)
    let (input, gradient) = (expected.input, expected.gradient)
    let (blocks, taps) = (input.blocks(), shape.taps)
    let weight = memory.array(packed(expected.weight, taps: taps))

    // Forward, with the bounds of ReLU6.
    var layer = cnn_depthwise(
      input: memory.array(input.blocked()), input_picture_stride: input.pictureStride(),
      height: shape.height, width: shape.width, kernel_rows: shape.rows,
      kernel_columns: shape.columns, row_stride: shape.stride, column_stride: shape.stride,
      top: shape.top, left: shape.left, weight: weight,
      bias: memory.array(blockedChannels(expected.bias)), floor: 0, ceiling: 6,
      output: memory.array(shape.pictures * gradient.pictureStride()),
      output_picture_stride: gradient.pictureStride(), output_height: shape.outputHeight,
      output_width: shape.outputWidth)
    forEachUnit(
      units(pictures: shape.pictures, last: shape.outputHeight, by: 2, blocks: blocks)
    ) { table.depthwise(&layer, $0) }
    expectWithin(
      gradient.planar(layer.output), expected.output.values.map { min(6, max(0, $0)) },
      expected.output.directTolerance, "output")

    // The gradient of the input.
    var backward = cnn_depthwise_gradient(
      input: layer.input, input_picture_stride: layer.input_picture_stride, height: shape.height,
      width: shape.width, kernel_rows: shape.rows, kernel_columns: shape.columns,
      row_stride: shape.stride, column_stride: shape.stride, top: shape.top, left: shape.left,
      blocks: blocks, weight: weight, gradient: memory.array(gradient.blocked()),
      gradient_picture_stride: gradient.pictureStride(), output_height: shape.outputHeight,
      output_width: shape.outputWidth,
      input_gradient: memory.array(shape.pictures * input.pictureStride()),
      input_gradient_picture_stride: input.pictureStride(),
      partial: memory.array(shape.pictures * blocks * taps * 16))
    forEachUnit(units(pictures: shape.pictures, last: shape.height, by: 3, blocks: blocks)) {
      table.depthwise_input_gradient(&backward, $0)
    }
    expectWithin(
      input.planar(backward.input_gradient), expected.inputGradient.values,
      expected.inputGradient.directTolerance, "gradient of the input")

    // With stride 1 it is also a depthwise convolution by the turned kernel.
    if shape.stride == 1 {
      var turned = layer
      (turned.input, turned.input_picture_stride) = (backward.gradient, gradient.pictureStride())
      (turned.height, turned.width) = (shape.outputHeight, shape.outputWidth)
      (turned.top, turned.left) = (shape.rows - 1 - shape.top, shape.columns - 1 - shape.left)
      turned.weight = UnsafePointer(
        memory.array(packed(expected.weight, taps: taps, turned: true)))
      turned.bias = UnsafePointer(memory.array([Float](repeating: 0, count: blocks * 16)))
      (turned.floor, turned.ceiling) = (-.infinity, .infinity)
      turned.output = memory.array(shape.pictures * input.pictureStride())
      turned.output_picture_stride = input.pictureStride()
      (turned.output_height, turned.output_width) = (shape.height, shape.width)
      forEachUnit(units(pictures: shape.pictures, last: shape.height, blocks: blocks)) {
        table.depthwise(&turned, $0)
      }
      expectWithin(
        input.planar(turned.output), expected.inputGradient.values,
        expected.inputGradient.directTolerance, "gradient of the input by the turned kernel")
    }

    // The gradient of the weights: that of each picture, then their sums.
    forEachUnit(units(pictures: shape.pictures, blocks: blocks)) {
      table.depthwise_weight_gradient(&backward, $0)
    }
    let size = blocks * taps * 16
    var sums = cnn_partial_sums(
      source: backward.partial, source_stride: size, count: shape.pictures,
      result: memory.array(size))
    forEachUnit(units(last: size, by: 32, blocks: 1)) {
      table.partial_sums(&sums, $0.first, $0.last)
    }
    expectWithin(
      (0..<shape.weightCount).map { index in
        let (channel, tap) = (index / taps, index % taps)
        return sums.result[(channel / 16 * taps + tap) * 16 + channel % 16]
      }, expected.weightGradient.values, expected.weightGradient.directTolerance,
      "gradient of the weights")
  }
}
