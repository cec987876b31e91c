internal import CNNKernels

/// What a convolution kernel reads and writes, and what it does to the sums before it stores them.
struct ConvolutionOperands: Sendable {
  let input: Operand
  let residual: MapSlot?
  let output: MapSlot
  let weights: ConvolutionWeights
  let relu: Bool

  /// Calls `body` with the arguments that the kernels have in common; the weight is nil where each run
  /// packs it.
  func withEpilogue(
    _ run: PlanRun, _ body: (_ weight: UnsafeRawPointer?, _ epilogue: cnn_epilogue) -> Void
  ) {
    weights.bias.withUnsafeElements { bias in
      let epilogue = cnn_epilogue(
        bias: bias.baseAddress, residual: residual.map { UnsafePointer(run.start(of: $0)) },
        residual_picture_stride: residual?.pictureStride ?? 0, mask: nil, mask_picture_stride: 0,
        relu: relu)
      if let packed = weights.packed {
        packed.withUnsafeBytes { body($0.baseAddress, epilogue) }
      } else {
        body(nil, epilogue)
      }
    }
  }

  /// Calls `body` with the first element of the input and the distance between two pictures.
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

/// Who prepares the input of a convolution: pads it, or transforms it for Winograd's products.
///
/// What a thread prepares for itself stays in its own cache, and it waits for no other thread. Where
/// cores have separate level 3 caches, a cache line that moves from one to the other costs as much as
/// hundreds of multiplications.
enum InputSharing {
  /// Each work unit, for the results that it computes itself, in all channels.
  case byUnit
  /// Each thread, all of it; then threads share the output channels, so that weights are read once.
  case byThread
  /// All threads together; then they share the output channels, and read what others have prepared.
  case shared
}
