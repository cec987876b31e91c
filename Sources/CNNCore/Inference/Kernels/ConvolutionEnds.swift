internal import CNNKernels

/// What the convolution kernels have in common: what they read and write, and what is done to the
/// sums before they are stored.
struct ConvolutionEnds: Sendable {
  let input: Operand
  let residual: MapSlot?
  let output: MapSlot
  let weights: ConvolutionWeights
  let relu: Bool

  /// Calls `body` with the arguments that the kernels take; the weight is nil where it is not
  /// packed.
  func withEpilogue(
    _ run: PlanRun, _ body: (_ weight: UnsafeRawPointer?, _ epilogue: cnn_epilogue) -> Void
  ) {
    weights.bias.withUnsafeElements { bias in
      let epilogue = cnn_epilogue(
        bias: bias.baseAddress, residual: residual.map { UnsafePointer(run.start(of: $0)) },
        residual_picture_stride: residual?.pictureStride ?? 0, relu: relu)
      if let packed = weights.packed {
        packed.withUnsafeBytes { body($0.baseAddress, epilogue) }
      } else {
        body(nil, epilogue)
      }
    }
  }

  /// Calls `body` with the first number of the input and the distance of its pictures.
  func withInput(
    _ run: PlanRun, _ body: (_ start: UnsafePointer<Float>?, _ pictureStride: Int) -> Void
  ) {
    switch input {
    case .map(let slot):
      body(UnsafePointer(run.start(of: slot)), slot.pictureStride)
    case .tensor(let name):
      guard let tensor = run.tensors[name] else { preconditionFailure("\(name) is gone") }
      tensor.withUnsafeElements { body($0.baseAddress, $0.count / max(1, run.pictures)) }
    }
  }
}
