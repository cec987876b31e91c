internal import CNNKernels
internal import CNNSystem

/// The weights of a convolution in the order of a kernel, and its bias, both with the BatchNorm
/// behind it folded in.
struct ConvolutionWeights: Sendable {
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

  let weight: Tensor
  /// Filled up to whole blocks.
  let bias: Tensor

  /// Packs the weights of `convolution` on `threads` threads.
  init(
    _ convolution: FusedConvolution, _ parameters: Parameters, order: Order,
    kernels: UnsafePointer<cnn_kernels>, threads: Int
  ) {
    let array = parameters.weight(of: convolution.node)
    let norm = convolution.norm.map { BatchNormParameters($0, parameters) }
    let bias = convolution.settings.hasBias ? parameters.bias(of: convolution.node) : nil
    let outputs = array.shape[0]
    self.bias = Self.padded(norm.map { $0.foldedBias(bias) } ?? bias, count: outputs)
    weight = Self.pack(
      array, groups: convolution.settings.groups, factors: norm?.factors, order: order,
      kernels: kernels, threads: threads)
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

  private static func pack(
    _ array: ParameterArray, groups: Int, factors: [Double]?, order: Order,
    kernels: UnsafePointer<cnn_kernels>, threads: Int
  ) -> Tensor {
    let (outputs, inputs, places) = (
      array.shape[0], array.shape[1], array.shape[2] * array.shape[3]
    )
    let blocks = groups * MapSlot.blocks(of: outputs / groups)
    let paddedInputs = MapSlot.blocks(of: inputs) * MapSlot.blockChannels
    let perBlock: Int
    switch order {
    case .blocked: perBlock = paddedInputs * places
    case .planar: perBlock = inputs * places
    case .winograd(let form): perBlock = paddedInputs * form.points
    }
    return Tensor(uninitialized: [blocks, perBlock * MapSlot.blockChannels]) { target in
      array.bytes.withUnsafeBytes { source in
        (factors ?? []).withUnsafeBufferPointer { factors in
          nonisolated(unsafe) let weights = cnn_weights(
            source: source.baseAddress, output_stride: inputs * places, input_stride: places,
            place_stride: 1, outputs: outputs, inputs: inputs, places: places,
            kernel: array.shape[2], tile_results: order.tileResults,
            group_outputs: outputs / groups,
            factors: factors.isEmpty ? nil : factors.baseAddress, packed: target.baseAddress)
          nonisolated(unsafe) let kernels = kernels
          Workers.forEach(count: blocks, threads: threads) { block in
            var unit = cnn_unit()
            (unit.first_block, unit.last_block) = (block, block + 1)
            withUnsafePointer(to: weights) { weights in
              switch order {
              case .blocked: kernels.pointee.pack_blocked(weights, unit)
              case .planar: kernels.pointee.pack_planar(weights, unit)
              case .winograd: kernels.pointee.pack_winograd(weights, unit)
              }
            }
          }
        }
      }
    }
  }
}
