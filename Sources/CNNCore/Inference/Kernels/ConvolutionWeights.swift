internal import CNNKernels
internal import CNNSystem

/// The weights of a convolution in the order of a kernel, and its bias, both with the BatchNorm
/// behind it folded in.
struct ConvolutionWeights: Sendable {
  /// The weights, in the order and the numbers of the kernels; nil where each run packs what it is
  /// about to read.
  let packed: Bytes?
  /// Packs them.
  let packing: WeightPacking
  /// Filled up to whole blocks.
  let bias: Tensor
  /// The kernels that compute the convolution.
  var kernels: UnsafePointer<cnn_kernels> { packing.kernels }

  /// Bytes of a number of the weights, and of what they are multiplied with.
  var numberSize: Int { kernels.pointee.panel_element_size }
  /// What these numbers are, before the name of a kernel; nothing for 32 bits.
  var numberName: String { numberSize == MemoryLayout<Float>.stride ? "" : "bf16 " }

  /// The weights of `convolution`, packed on `threads` threads if they are packed now.
  ///
  /// - Parameter packsNow: whether they are packed now, and kept.
  init(
    _ convolution: FusedConvolution, _ parameters: Parameters, order: WeightPacking.Order,
    packsNow: (WeightPacking) -> Bool, kernels: UnsafePointer<cnn_kernels>, threads: Int
  ) {
    let array = parameters.weight(of: convolution.node)
    let norm = convolution.norm.flatMap { parameters.norm(of: $0) }
    let bias = convolution.settings.hasBias ? parameters.bias(of: convolution.node) : nil
    self.bias = Self.padded(norm.map { $0.foldedBias(bias) } ?? bias, count: array.shape[0])
    packing = WeightPacking(
      array, groups: convolution.settings.groups, factors: norm?.factors ?? [], order: order,
      kernels)
    packed = packsNow(packing) ? packing.packed(threads: threads) : nil
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
