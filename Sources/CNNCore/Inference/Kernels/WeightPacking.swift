internal import CNNKernels
internal import CNNSystem

/// How the weights of a convolution get from where they lie into the order of a kernel.
struct WeightPacking: Sendable {
  /// Orders of weights.
  enum Order: Sendable {
    /// For the direct convolution of blocked maps.
    case blocked
    /// For the direct convolution of planar maps.
    case planar
    /// Transformed for a form of Winograd's.
    case winograd(WinogradForm)

    fileprivate var tileResults: Int {
      if case .winograd(let form) = self { form.results } else { 0 }
    }
  }

  /// The kernels that read the weights: those of the plan, or the same in bfloat16. The tables are
  /// constants of the program.
  nonisolated(unsafe) let kernels: UnsafePointer<cnn_kernels>
  /// Bytes of a packed block.
  let blockByteCount: Int
  /// Blocks of output channels.
  private let blocks: Int
  private let array: ParameterArray
  private let groups: Int
  /// What the weights of each output are multiplied with; empty for nothing.
  private let factors: [Double]
  private let order: Order

  /// The packing of `array`, `[O, I, kH, kW]` in any layout.
  init(
    _ array: ParameterArray, groups: Int, factors: [Double], order: Order,
    _ kernels: UnsafePointer<cnn_kernels>
  ) {
    self.kernels = kernels
    (self.array, self.groups, self.factors, self.order) = (array, groups, factors, order)
    let (inputs, places) = (array.shape[1], array.shape[2] * array.shape[3])
    let paddedInputs = MapSlot.blocks(of: inputs) * MapSlot.blockChannels
    blocks = groups * MapSlot.blocks(of: array.shape[0] / groups)
    let perOutput =
      switch order {
      case .blocked: paddedInputs * places
      case .planar: inputs * places
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

  /// Packs some blocks to `target`, the first of them to its beginning.
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
