internal import CNNKernels

/// The sum of two blocked maps that could not be fused with a convolution.
struct BlockedAddition: PackedKernel {
  private let first: MapSlot
  private let second: MapSlot
  private let output: MapSlot
  private let relu: Bool

  var name: String { "add" }

  init(_ first: MapSlot, _ second: MapSlot, to output: MapSlot, relu: Bool) {
    self.first = first
    self.second = second
    self.output = output
    self.relu = relu
  }

  func run(_ run: PlanRun) {
    nonisolated(unsafe) let kernels = run.kernels
    nonisolated(unsafe) let layer = cnn_addition(
      first: run.start(of: first), second: run.start(of: second),
      first_picture_stride: first.pictureStride, second_picture_stride: second.pictureStride,
      output: run.start(of: output), output_picture_stride: output.pictureStride,
      plane: output.plane, relu: relu)
    run.forEachUnit(run.pictures * output.blocks) { index, _ in
      var (layer, unit) = (layer, cnn_unit())
      unit.picture = index / output.blocks
      unit.first_block = index % output.blocks
      unit.last_block = unit.first_block + 1
      kernels.pointee.add(&layer, unit)
    }
  }
}

/// Maximum and average pooling of blocked maps, sliding or adaptive.
struct BlockedPooling: PackedKernel {
  private let input: MapSlot
  private let output: MapSlot
  private let isMean: Bool
  /// First and one past the last row and column of each cell.
  private let rows: [Int]
  private let columns: [Int]

  /// Rows from which on threads share the rows of a map, and the most parts that these are cut into.
  private static let (fewRows, mostRowUnits) = (8, 16)

  var name: String { isMean ? "average pool" : "max pool" }

  init(_ input: MapSlot, to output: MapSlot, cells: PoolingCells, isMean: Bool) {
    self.input = input
    self.output = output
    self.isMean = isMean
    rows = cells.rows.flatMap { [$0.lowerBound, $0.upperBound] }
    columns = cells.columns.flatMap { [$0.lowerBound, $0.upperBound] }
  }

  /// The cells of a pooling layer; nil for other layers.
  static func cells(
    of layer: Layer, input: Extent
  ) -> (cells: PoolingCells, isMean: Bool)? {
    switch layer {
    case .maxPool(let window): (PoolingCells(window, input: input), false)
    case .averagePool(let window): (PoolingCells(window, input: input), true)
    case .adaptiveAveragePool(let size): (PoolingCells(adaptive: size, input: input), true)
    case .globalAveragePool: (PoolingCells(adaptive: 1, input: input), true)
    default: nil
    }
  }

  func run(_ run: PlanRun) {
    rows.withUnsafeBufferPointer { rows in
      columns.withUnsafeBufferPointer { columns in
        nonisolated(unsafe) let kernels = run.kernels
        nonisolated(unsafe) let layer = cnn_pooling(
          input: run.start(of: input), input_picture_stride: input.pictureStride,
          input_height: input.extent.height, input_width: input.extent.width,
          output: run.start(of: output), output_picture_stride: output.pictureStride,
          output_height: output.extent.height, output_width: output.extent.width,
          rows: rows.baseAddress, columns: columns.baseAddress, mean: isMean)
        // Threads share the rows of a large map and the channels of a small one, as in the steps before
        // and behind it, so that each reads what it wrote.
        let height = output.extent.height
        let rowUnits = height >= Self.fewRows ? min(height, Self.mostRowUnits) : 1
        let blockUnits = rowUnits == 1 ? output.blocks : 1
        run.forEachUnit(run.pictures * rowUnits * blockUnits) { index, _ in
          var (layer, unit) = (layer, cnn_unit())
          let (picture, part) = index.quotientAndRemainder(dividingBy: rowUnits * blockUnits)
          let (row, block) = (part / blockUnits, part % blockUnits)
          unit.picture = picture
          unit.first_block = block * output.blocks / blockUnits
          unit.last_block = (block + 1) * output.blocks / blockUnits
          unit.first = row * height / rowUnits
          unit.last = (row + 1) * height / rowUnits
          kernels.pointee.pool(&layer, unit)
        }
      }
    }
  }
}

/// Local response normalisation of blocked maps.
struct BlockedResponseNorm: PackedKernel {
  private let input: MapSlot
  private let output: MapSlot
  private let settings: LocalResponseNorm

  var name: String { "response norm" }

  /// Whether the kernel computes these settings: the published exponent, and not too many channels.
  static func accepts(_ settings: LocalResponseNorm, channels: Int) -> Bool {
    settings.beta == 0.75 && (0...MapSlot.blockChannels).contains(settings.radius)
      && MapSlot.blocks(of: channels) <= Int(CNN_RESPONSE_NORM_BLOCKS)
  }

  init(_ input: MapSlot, to output: MapSlot, _ settings: LocalResponseNorm) {
    self.input = input
    self.output = output
    self.settings = settings
  }

  func run(_ run: PlanRun) {
    nonisolated(unsafe) let kernels = run.kernels
    nonisolated(unsafe) let layer = cnn_response_norm(
      input: run.start(of: input), input_picture_stride: input.pictureStride,
      output: run.start(of: output), output_picture_stride: output.pictureStride,
      plane: input.plane, blocks: input.blocks, radius: settings.radius, alpha: settings.alpha,
      bias: settings.bias)
    let (height, width) = (input.extent.height, input.extent.width)
    run.forEachUnit(run.pictures * height) { index, _ in
      var (layer, unit) = (layer, cnn_unit())
      unit.picture = index / height
      unit.first = index % height * width
      unit.last = unit.first + width
      kernels.pointee.response_norm(&layer, unit)
    }
  }
}
