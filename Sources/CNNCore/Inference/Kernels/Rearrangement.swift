internal import CNNKernels

/// The copy of a map from the blocked to the planar layout or back, between a kernel and a plain
/// operation.
struct Rearrangement: Sendable {
  private let slot: MapSlot

  init(_ slot: MapSlot) { self.slot = slot }

  /// The map as a tensor of `shape`, which has its elements in the order N, C, H, W.
  func tensor(_ run: PlanRun, shape: [Int]) -> Tensor {
    Tensor(uninitialized: shape) { target in
      guard let start = target.baseAddress else { return }
      forEachBlock(run, planar: start) { kernels, map, unit in
        kernels.pointee.to_planar(map, unit)
      }
    }
  }

  /// Fills the map from a tensor with its elements in the order N, C, H, W.
  func fill(from tensor: Tensor, _ run: PlanRun) {
    tensor.withUnsafeElements { source in
      guard let start = source.baseAddress else { return }
      forEachBlock(run, planar: UnsafeMutablePointer(mutating: start)) { kernels, map, unit in
        kernels.pointee.to_blocked(map, unit)
      }
    }
  }

  private func forEachBlock(
    _ run: PlanRun, planar: UnsafeMutablePointer<Float>,
    _ body:
      @Sendable (UnsafePointer<cnn_kernels>, UnsafePointer<cnn_rearrangement>, cnn_unit) -> Void
  ) {
    nonisolated(unsafe) let kernels = run.kernels
    nonisolated(unsafe) let map = cnn_rearrangement(
      blocked: run.start(of: slot), blocked_picture_stride: slot.pictureStride, planar: planar,
      planar_picture_stride: slot.channels * slot.plane, plane: slot.plane,
      channels: slot.channels)
    run.forEachUnit(run.pictures * slot.blocks) { index, _ in
      var (map, unit) = (map, cnn_unit())
      unit.picture = index / slot.blocks
      unit.first_block = index % slot.blocks
      unit.last_block = unit.first_block + 1
      body(kernels, &map, unit)
    }
  }
}
