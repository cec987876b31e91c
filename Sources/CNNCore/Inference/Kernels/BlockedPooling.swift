internal import CNNKernels

/// Maximum and average pooling of blocked maps, sliding or adaptive.
struct BlockedPooling: PackedKernel {
  private let input: MapSlot
  private let output: MapSlot
  private let isMean: Bool
  /// First and one past the last row and column of each cell.
  private let rows: [Int]
  private let columns: [Int]

  /// Rows from which on threads share rows, and into how many parts at most.
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
        // Like the steps before and behind: parts of the rows of a large map, channels of a small one.
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
