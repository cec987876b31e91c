internal import CNNKernels
internal import CNNSystem

/// The weights of a convolution in the order of a kernel, and its bias, both with the BatchNorm
/// behind it folded in.
struct ConvolutionWeights: Sendable {
  /// The weights, in the order and the elements of the kernels; nil where each run packs what it reads
  /// next.
  let packed: Bytes?
  /// How they are packed.
  let packing: WeightPacking
  /// Filled up to whole blocks.
  let bias: Tensor
  /// The kernels that compute the convolution.
  var kernels: UnsafePointer<cnn_kernels> { packing.kernels }

  /// Bytes of an element of the weights, and of what they are multiplied with.
  var elementSize: Int { kernels.pointee.panel_element_size }
  /// What these elements are, before the name of a kernel; nothing for 32 bits.
  var elementName: String { elementSize == MemoryLayout<Float>.stride ? "" : "bf16 " }

  /// Bytes of transformed weights up to which they are packed when the plan is made in any case: a plan
  /// that runs once would save little time, and the memory is small.
  private static let fewBytes = 5 << 20

  /// The weights of `convolution`, packed on `threads` threads if they are packed now.
  ///
  /// - Parameter packing: when large weights of Winograd's forms are packed; all others are packed now.
  init(
    _ convolution: FusedConvolution, _ parameters: Parameters, order: WeightPacking.Order,
    packing time: PackingTime, kernels: UnsafePointer<cnn_kernels>, threads: Int
  ) {
    let array = parameters.weight(of: convolution.node)
    let norm = convolution.norm.flatMap { parameters.norm(of: $0) }
    let bias = convolution.settings.hasBias ? parameters.bias(of: convolution.node) : nil
    self.bias = Self.padded(norm.map { $0.foldedBias(bias) } ?? bias, count: array.shape[0])
    packing = WeightPacking(
      array, groups: convolution.settings.groups, factors: norm?.factors ?? [], order: order,
      kernels)
    let isAhead = time == .ahead || !order.isWinograd || packing.byteCount <= Self.fewBytes
    packed = isAhead ? packing.packed(threads: threads) : nil
  }

  private static func padded(_ bias: Tensor?, count: Int) -> Tensor {
    let blocks = MapSlot.blocks(of: count)
    var padded = Tensor(zeros: [blocks * MapSlot.blockChannels])
    if let bias {
      padded.withUnsafeMutableElements { target in
        bias.withUnsafeElements { source in _ = target.update(fromContentsOf: source) }
      }
    }
    return padded
  }
}

/// How the weights of a convolution are copied from where they lie into the order of a kernel.
struct WeightPacking: Sendable {
  /// Orders of weights.
  enum Order: Sendable {
    /// For the direct convolution of blocked maps.
    case blocked
    /// For the direct convolution of planar maps.
    case planar
    /// Transformed for a Winograd form.
    case winograd(WinogradForm)

    fileprivate var isWinograd: Bool { if case .winograd = self { true } else { false } }

    fileprivate var tileResults: Int {
      if case .winograd(let form) = self { form.results } else { 0 }
    }
  }

  /// The kernels that read the weights: those of the plan, or the same in bfloat16. `Sendable`, because
  /// the tables are constants of the program.
  nonisolated(unsafe) let kernels: UnsafePointer<cnn_kernels>
  /// Bytes of a packed block.
  let blockByteCount: Int
  /// Blocks of output channels.
  private let blocks: Int
  private let array: ParameterArray
  private let groups: Int
  /// A factor for the weights of each output; empty for none.
  private let factors: [Double]
  private let order: Order

  /// The packing of `array`, `[O, I, kH, kW]` in any layout.
  init(
    _ array: ParameterArray, groups: Int, factors: [Double], order: Order,
    _ kernels: UnsafePointer<cnn_kernels>
  ) {
    self.kernels = kernels
    (self.array, self.groups, self.factors, self.order) = (array, groups, factors, order)
    let (inputs, taps) = (array.shape[1], array.shape[2] * array.shape[3])
    let paddedInputs = MapSlot.blocks(of: inputs) * MapSlot.blockChannels
    blocks = groups * MapSlot.blocks(of: array.shape[0] / groups)
    let perOutput =
      switch order {
      case .blocked: paddedInputs * taps
      case .planar: inputs * taps
      case .winograd(let form):
        paddedInputs * (form.points + kernels.pointee.winograd_mean_points)
      }
    blockByteCount = perOutput * MapSlot.blockChannels * kernels.pointee.panel_element_size
  }

  /// Bytes of all packed blocks.
  var byteCount: Int { blocks * blockByteCount }

  /// All blocks, packed on up to `threads` threads.
  func packed(threads: Int) -> Bytes {
    Bytes(count: byteCount) { target in
      guard let start = target.baseAddress else { return }
      // Each block is written by one thread.
      nonisolated(unsafe) let first = start
      Workers.forEach(count: blocks, threads: threads) { block in
        pack(block..<(block + 1), to: first + block * blockByteCount)
      }
    }
  }

  /// Packs some blocks to `target`; the first of them lies at its beginning.
  func pack(_ range: Range<Int>, to target: UnsafeMutableRawPointer) {
    let (shape, strides) = (array.shape, array.strides)
    var unit = cnn_unit()
    (unit.first_block, unit.last_block) = (range.lowerBound, range.upperBound)
    array.bytes.withUnsafeBytes { source in
      factors.withUnsafeBufferPointer { factors in
        var weights = cnn_weights(
          source: source.baseAddress, output_stride: strides[0], input_stride: strides[1],
          tap_stride: strides[3], outputs: shape[0], inputs: shape[1],
          taps: shape[2] * shape[3], kernel: shape[2], tile_results: order.tileResults,
          group_outputs: shape[0] / groups, factors: factors.isEmpty ? nil : factors.baseAddress,
          packed: target, first_block: range.lowerBound)
        switch order {
        case .blocked: kernels.pointee.pack_blocked(&weights, unit)
        case .planar: kernels.pointee.pack_planar(&weights, unit)
        case .winograd: kernels.pointee.pack_winograd(&weights, unit)
        }
      }
    }
  }
}
