internal import CNNKernels

/// A convolution by its definition, with any kernel, stride and padding: of blocked maps, or of a
/// planar one with few channels (a picture).
///
/// A map is first copied with its padding, and with its columns sorted by the stride, unless the
/// kernel is 1x1 and reads every pixel.
struct DirectConvolution: PackedKernel {
  private let operands: ConvolutionOperands
  private let layout: PaddedLayout
  private let groups: Int
  private let readsInPlace: Bool
  /// Where the input of each chunk of products begins.
  private let offsets: [Int]
  private let rows: Int
  private let rowWidth: Int
  private let units: DirectUnits

  let name: String

  /// Channels up to which a planar map is read as it is: a block of 16 would be half zeros.
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

  /// Whether products in bfloat16 are faster. A planar map has no neighbouring channels to pair. A 1x1
  /// convolution reads its map in place in 32 bits, but in bfloat16 a rounded copy of it, which costs
  /// more than products with a single block of outputs save.
  static func gainsInBFloat16(_ convolution: FusedConvolution, planar: Bool) -> Bool {
    let isPointwise = convolution.settings.window.kernel == 1
    return !planar && (!isPointwise || convolution.settings.channels > MapSlot.blockChannels)
  }

  init(_ convolution: FusedConvolution, _ operands: ConvolutionOperands, planar: Bool) {
    self.operands = operands
    groups = convolution.settings.groups
    let (output, kernel) = (convolution.outputExtent, convolution.settings.window.kernel)
    let whole = PaddedLayout(convolution, planar: planar)
    // Rows shorter than a register tile of 14 pixels are joined to one.
    let joinsRows = whole.isDense && output.width < 13
    rows = joinsRows ? 1 : output.height
    rowWidth = joinsRows ? output.height * output.width : output.width
    let planes =
      planar ? convolution.inputChannels : MapSlot.blocks(of: convolution.inputChannels / groups)
    units = DirectUnits(
      blocks: operands.output.blocks, rows: rows, rowWidth: rowWidth,
      blockWeights: planes * kernel.height * kernel.width * whole.length * MapSlot.blockChannels,
      pads: !whole.isDense)
    layout =
      units.haveAllBlocks && !whole.isDense
      ? PaddedLayout(convolution, planar: planar, rows: units.mostRows) : whole
    offsets = layout.offsets(planes: planes)
    name = operands.weights.elementName + "direct \(kernel)" + (planar ? " of a picture" : "")
    // For other elements the map is rounded while it is copied.
    readsInPlace = layout.isDense && operands.weights.elementSize == MemoryLayout<Float>.stride
  }

  /// Threads up to which each pads all of a picture for itself; with more, padding would take a large
  /// part of their time.
  private static let fewThreads = 4

  /// Who pads the input; nil where it is read in place.
  private func sharing(pictures: Int, threads: Int) -> InputSharing? {
    if readsInPlace { return nil }
    if units.haveAllBlocks && !layout.isDense { return .byUnit }
    return pictures == 1 && threads <= Self.fewThreads ? .byThread : .shared
  }

  func scratchSize(pictures: Int, threads: Int) -> ScratchSize {
    // Sizes in 32-bit elements.
    let size = layout.pictureSize * operands.weights.elementSize / MemoryLayout<Float>.stride
    return switch sharing(pictures: pictures, threads: threads) {
    case nil: ScratchSize()
    case .byUnit, .byThread: ScratchSize(perThread: size)
    case .shared: ScratchSize(shared: pictures * size)
    }
  }

  func run(_ run: PlanRun) {
    let sharing = sharing(pictures: run.pictures, threads: run.threads)
    operands.withInput(run) { start, pictureStride in
      let padding = layout.padding(
        of: start, pictureStride: pictureStride, into: run.sharedScratch)
      if sharing == .shared { padTogether(padding, run) }
      operands.withEpilogue(run) { weight, epilogue in
        offsets.withUnsafeBufferPointer { offsets in
          let layer = cnn_convolution(
            input: sharing == nil ? start : UnsafePointer(run.sharedScratch),
            input_picture_stride: sharing == nil ? pictureStride : layout.pictureSize,
            input_group_stride: layout.planes / groups * layout.planeSize, first_row: 0,
            input_row_stride: layout.isDense
              ? rowWidth * layout.length : layout.stride.height * layout.rowSize,
            length: layout.length, offsets: offsets.baseAddress, chunks: offsets.count,
            weight: weight, output: run.start(of: operands.output),
            output_picture_stride: operands.output.pictureStride, output_width: rowWidth,
            output_pixel_stride: MapSlot.blockChannels,
            output_row_stride: rowWidth * MapSlot.blockChannels,
            output_plane_stride: rows * rowWidth * MapSlot.blockChannels,
            group_blocks: operands.output.blocks / groups, epilogue: epilogue)
          convolve(layer, padding, sharing, run)
        }
      }
    }
  }

  private func padTogether(_ padding: cnn_padding, _ run: PlanRun) {
    nonisolated(unsafe) let (padding, kernels) = (padding, operands.weights.kernels)
    run.forEachUnit(run.pictures * layout.planes) { index, _ in
      var (padding, unit) = (padding, cnn_unit())
      unit.picture = index / layout.planes
      unit.first_block = index % layout.planes
      unit.last_block = unit.first_block + 1
      kernels.pointee.pad(&padding, unit)
    }
  }

  /// Pads what lies under the rows of results from `firstRow` on, for one thread.
  private func pad(
    _ padding: cnn_padding, picture: Int, firstRow: Int, to target: UnsafeMutablePointer<Float>
  ) {
    var (padding, unit) = (padding, cnn_unit())
    (padding.padded, padding.padded_picture_stride) = (UnsafeMutableRawPointer(target), 0)
    padding.top -= firstRow * layout.stride.height
    (unit.picture, unit.last_block) = (picture, layout.planes)
    operands.weights.kernels.pointee.pad(&padding, unit)
  }

  private func convolve(
    _ layer: cnn_convolution, _ padding: cnn_padding, _ sharing: InputSharing?, _ run: PlanRun
  ) {
    nonisolated(unsafe) let (layer, padding) = (layer, padding)
    nonisolated(unsafe) let kernels = operands.weights.kernels
    let pictures = run.pictures
    // A thread that has padded all rows computes results in any of them.
    let parts = sharing == nil ? units.parts(pictures: pictures, threads: run.threads) : 1
    run.forEachUnit(units.count(pictures: pictures)) { scratch in
      if sharing == .byThread { pad(padding, picture: 0, firstRow: 0, to: scratch) }
    } _: { index, scratch in
      var (layer, unit) = (layer, units.unit(index, pictures: pictures, parts: parts))
      if sharing == .byUnit {
        pad(padding, picture: unit.picture, firstRow: unit.first, to: scratch)
        layer.first_row = unit.first
      }
      if sharing == .byUnit || sharing == .byThread {
        (layer.input, layer.input_picture_stride) = (UnsafeRawPointer(scratch), 0)
      }
      kernels.pointee.convolve(&layer, unit)
    }
  }
}
