internal import CNNKernels

/// Local response normalisation of blocked maps.
struct BlockedResponseNorm: PackedKernel {
  private let input: MapSlot
  private let output: MapSlot
  private let settings: LocalResponseNorm

  var name: String { "response norm" }

  /// Whether the kernel takes these settings: the published exponent, and not too many channels.
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
