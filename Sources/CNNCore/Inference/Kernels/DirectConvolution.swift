internal import CNNKernels

/// A convolution by its definition, of any kernel, stride and padding: of blocked maps, or of a
/// planar one with few channels (a picture).
///
/// A map is first copied with its padding, and with the columns of a stride sorted, unless the
/// kernel is 1x1 and reads every pixel.
struct DirectConvolution: PackedKernel {
  private let ends: ConvolutionEnds
  private let layout: PaddedLayout
  private let groups: Int
  private let readsInPlace: Bool
  /// Where the input of each chunk of the sums begins.
  private let offsets: [Int]
  private let rows: Int
  private let rowWidth: Int

  let name: String

  /// Channels up to which a planar map is read as it is.
  private static let planarChannels = 8

  /// Whether a convolution of a blocked map (or of a planar one) can be computed so.
  static func accepts(_ convolution: FusedConvolution, planar: Bool) -> Bool {
    let (groups, blocks) = (convolution.settings.groups, MapSlot.blockChannels)
    if groups == 1 { return true }
    return !planar && (convolution.inputChannels / groups).isMultiple(of: blocks)
      && (convolution.settings.channels / groups).isMultiple(of: blocks)
  }

  /// Whether the convolution reads a planar map best as it is.
  static func readsPlanar(_ convolution: FusedConvolution) -> Bool {
    convolution.inputChannels <= planarChannels && convolution.settings.groups == 1
  }

  /// Whether products in bfloat16 are faster. A picture's channels make no pairs, and a map that is
  /// read in place otherwise must be rounded first, which costs more than a few channels gain.
  static func gainsInBFloat16(_ convolution: FusedConvolution, planar: Bool) -> Bool {
    let isPointwise = convolution.settings.window.kernel == 1
    return !planar && (!isPointwise || convolution.settings.channels > MapSlot.blockChannels)
  }

  init(_ convolution: FusedConvolution, _ ends: ConvolutionEnds, planar: Bool) {
    self.ends = ends
    layout = PaddedLayout(convolution, planar: planar)
    groups = convolution.settings.groups
    let output = convolution.outputExtent
    // Rows that are shorter than a register tile are taken as one.
    let joinsRows = layout.isDense && output.width < 13
    rows = joinsRows ? 1 : output.height
    rowWidth = joinsRows ? output.height * output.width : output.width
    offsets = layout.offsets(
      planes: planar
        ? convolution.inputChannels
        : MapSlot.blocks(of: convolution.inputChannels / groups))
    let kernel = convolution.settings.window.kernel
    name = ends.weights.numberName + "direct \(kernel)" + (planar ? " of a picture" : "")
    // A map of other numbers is rounded while it is copied.
    readsInPlace = layout.isDense && ends.weights.numberSize == MemoryLayout<Float>.stride
  }

  var tensorRead: String? {
    if case .tensor(let name) = ends.input { name } else { nil }
  }

  func scratchSize(pictures: Int) -> ScratchSize {
    // Sizes in 32-bit numbers.
    ScratchSize(
      shared: readsInPlace
        ? 0 : pictures * layout.pictureSize * ends.weights.numberSize / MemoryLayout<Float>.stride)
  }

  func run(_ run: PlanRun) {
    ends.withInput(run) { start, pictureStride in
      if !readsInPlace { pad(start, pictureStride, run) }
      let input = readsInPlace ? start : UnsafePointer(run.sharedScratch)
      let inputStride = readsInPlace ? pictureStride : layout.pictureSize
      ends.withEpilogue(run) { weight, epilogue in
        offsets.withUnsafeBufferPointer { offsets in
          convolve(
            cnn_convolution(
              input: input, input_picture_stride: inputStride,
              input_group_stride: layout.planes / groups * layout.planeSize,
              input_row_stride: layout.isDense
                ? rowWidth * layout.length : layout.stride.height * layout.rowSize,
              length: layout.length, offsets: offsets.baseAddress, chunks: offsets.count,
              weight: weight, output: run.start(of: ends.output),
              output_picture_stride: ends.output.pictureStride, output_height: rows,
              output_width: rowWidth, group_blocks: ends.output.blocks / groups,
              epilogue: epilogue), run)
        }
      }
    }
  }

  private func pad(_ start: UnsafePointer<Float>?, _ pictureStride: Int, _ run: PlanRun) {
    nonisolated(unsafe) let kernels = ends.weights.kernels
    nonisolated(unsafe) let padding = layout.padding(
      of: start, pictureStride: pictureStride, into: run.sharedScratch)
    run.forEachUnit(run.pictures * layout.planes) { index, _ in
      var (padding, unit) = (padding, cnn_unit())
      unit.picture = index / layout.planes
      unit.first_block = index % layout.planes
      unit.last_block = unit.first_block + 1
      kernels.pointee.pad(&padding, unit)
    }
  }

  private func convolve(_ layer: cnn_convolution, _ run: PlanRun) {
    nonisolated(unsafe) let (layer, kernels) = (layer, ends.weights.kernels)
    let (size, pictures) = (unitSize, run.pictures)
    let blockUnits = (ends.output.blocks + size.blocks - 1) / size.blocks
    let rowUnits = (rows + size.rows - 1) / size.rows
    run.forEachUnit(blockUnits * pictures * rowUnits) { index, _ in
      var (layer, unit) = (layer, cnn_unit())
      // Units with the same weights follow each other.
      let (blockUnit, rest) = index.quotientAndRemainder(dividingBy: pictures * rowUnits)
      let (picture, rowUnit) = rest.quotientAndRemainder(dividingBy: rowUnits)
      unit.picture = picture
      (unit.first, unit.last) = (rowUnit * size.rows, min(rows, (rowUnit + 1) * size.rows))
      unit.first_block = blockUnit * size.blocks
      unit.last_block = min(ends.output.blocks, unit.first_block + size.blocks)
      kernels.pointee.convolve(&layer, unit)
    }
  }

  /// Multiply-adds of a unit of work: some tens of microseconds.
  private static let unitWork = 3 << 20
  /// Numbers of weights of a unit: part of a level 2 cache.
  private static let unitWeights = 96 << 10

  /// Blocks and rows of a unit: few enough of both that threads end together, but of the blocks
  /// only as few as their weights ask for, since each unit reads its input again.
  private var unitSize: (blocks: Int, rows: Int) {
    let weightsPerBlock = offsets.count * layout.length * MapSlot.blockChannels
    var (blocks, unitRows) = ((ends.output.blocks + 1) / 2 * 2, rows)
    func halved(_ value: Int) -> Int { (value + 1) / 2 }
    while blocks * weightsPerBlock * rowWidth * unitRows > Self.unitWork {
      if blocks > 2, blocks * weightsPerBlock > Self.unitWeights || unitRows == 1 {
        blocks = (halved(blocks) + 1) / 2 * 2
      } else if unitRows > 1 {
        unitRows = halved(unitRows)
      } else {
        break
      }
    }
    return (blocks, unitRows)
  }
}
