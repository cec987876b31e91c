internal import CNNKernels

/// The sum of two blocked maps that no convolution could take along.
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
