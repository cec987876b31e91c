import CNNCore
import CNNKernels
import Testing

/// The backward pass of maximum pooling, and the mean of all pixels with its backward pass, of each
/// instruction set that the machine has, against plain loops.
@Suite struct PoolingGradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let shape: [Int]
    let window: Window
    let relu: Bool
    var testDescription: String { "\(shape), \(window), ReLU \(relu)" }
  }

  /// 2x2 windows that cut the map into pairs and such that leave a row over; windows that overlap,
  /// with parts outside and without; windows that leave pixels out.
  static let cases: [Case] = [
    Window(kernel: 2, stride: 2), Window(kernel: 3, stride: 2, padding: .explicit(1)),
    Window(kernel: 3, stride: 2), Window(kernel: 3, stride: 1, padding: .explicit(1)),
    Window(kernel: 2, stride: 3), Window(kernel: 3, stride: 2, rounding: .ceil),
    Window(kernel: Extent(height: 2, width: 4), stride: Extent(height: 1, width: 2)),
  ].flatMap { window in
    [[2, 24, 8, 14], [1, 16, 7, 5], [3, 33, 4, 4], [1, 5, 3, 29]].flatMap { shape in
      [true, false].map { Case(shape: shape, window: window, relu: $0) }
    }
  }.filter {
    $0.shape[2] >= $0.window.kernel.height && $0.shape[3] >= $0.window.kernel.width
  }

  @Test(arguments: cases, KernelTests.ownKernels)
  func maximum(_ test: Case, kernels: KernelSet) throws {
    let table = try #require(kernels.table).pointee
    let memory = KernelMemory()
    defer { memory.end("\(test)") }
    // Few different values, so that windows have several largest ones.
    var map = ReferenceMap(random: test.shape, stream: 0)
    for index in map.values.indices {
      let value = (map.values[index] * 3).rounded(.down)
      map.values[index] = test.relu ? max(0, value) : value
    }
    let cells = PoolingCells(test.window, input: Extent(height: map.height, width: map.width))
    let gradient = ReferenceMap(
      random: [map.pictures, map.channels, cells.rows.count, cells.columns.count], stream: 1)
    var expected = ReferenceMap(zeros: test.shape)
    var given = 0
    for plane in 0..<map.pictures * map.channels {
      for rows in cells.rows {
        for columns in cells.columns {
          let indices = rows.flatMap { row in
            columns.map { (plane * map.height + row) * map.width + $0 }
          }
          let largest = indices.map { map.values[$0] }.max() ?? 0
          if !test.relu || largest > 0,
            let first = indices.first(where: { map.values[$0] == largest })
          {
            expected.values[first] += gradient.values[given]
          }
          given += 1
        }
      }
    }
    let rows = cells.rows.flatMap { [$0.lowerBound, $0.upperBound] }
    let columns = cells.columns.flatMap { [$0.lowerBound, $0.upperBound] }
    rows.withUnsafeBufferPointer { rows in
      columns.withUnsafeBufferPointer { columns in
        var layer = cnn_pooling_gradient(
          input: memory.array(map.blocked()), input_picture_stride: map.pictureStride(),
          input_height: map.height, input_width: map.width,
          gradient: memory.array(gradient.blocked()),
          gradient_picture_stride: gradient.pictureStride(), output_height: gradient.height,
          output_width: gradient.width, rows: rows.baseAddress, columns: columns.baseAddress,
          input_gradient: memory.array(map.pictures * map.pictureStride()),
          input_gradient_picture_stride: map.pictureStride(), relu: test.relu)
        forEachUnit(units(pictures: map.pictures, blocks: map.blocks())) {
          table.max_pool_backward(&layer, $0)
        }
        // Sums of up to nine gradients below 1.
        expectWithin(
          map.planar(layer.input_gradient), expected.values, { _ in 64 * 0x1p-24 },
          "gradient of the input")
      }
    }
  }

  @Test(
    arguments: [[2, 20, 1, 1], [1, 16, 3, 3], [3, 33, 5, 7], [1, 5, 14, 14]], KernelTests.ownKernels
  )
  func mean(_ shape: [Int], kernels: KernelSet) throws {
    let table = try #require(kernels.table).pointee
    let memory = KernelMemory()
    defer { memory.end("\(shape)") }
    let map = ReferenceMap(random: shape, stream: 0)
    var means = ReferenceMap(zeros: [shape[0], shape[1], 1, 1])
    for index in map.values.indices { means.values[index / map.plane] += map.values[index] }
    means.values = means.values.map { $0 / Double(map.plane) }
    var layer = cnn_pixel_mean(
      plane: map.plane, input: memory.array(map.blocked()),
      input_picture_stride: map.pictureStride(),
      output: memory.array(map.pictures * means.pictureStride()),
      output_picture_stride: means.pictureStride())
    forEachUnit(units(pictures: map.pictures, blocks: map.blocks())) {
      table.pixel_mean(&layer, $0)
    }
    // A chain of a quarter of the pixels, three sums and a division, of values below 1.
    let tolerance = Double(map.plane / 4 + 8) * 0x1p-24
    expectWithin(means.planar(layer.output), means.values, { _ in tolerance }, "mean")

    var backward = cnn_pixel_mean(
      plane: map.plane, input: memory.array(means.blocked()),
      input_picture_stride: means.pictureStride(),
      output: memory.array(map.pictures * map.pictureStride()),
      output_picture_stride: map.pictureStride())
    forEachUnit(units(pictures: map.pictures, blocks: map.blocks())) {
      table.pixel_mean_backward(&backward, $0)
    }
    expectWithin(
      map.planar(backward.output),
      map.values.indices.map { means.values[$0 / map.plane] / Double(map.plane) },
      { abs(means.values[$0 / map.plane]) * 0x1p-23 }, "gradient of the mean")
  }
}
