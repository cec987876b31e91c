internal import CNNKernels
internal import CNNSystem

/// Memory that is kept between the runs of a plan, because fresh pages cost more than what is
/// computed in them.
///
/// `@unchecked Sendable`: the one field is only ever exchanged atomically. Of several runs at the
/// same time one gets the kept block, and the others fresh ones.
final class RunMemory: @unchecked Sendable {
  private let place: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  init() {
    place = .allocate(capacity: 1)
    place.initialize(to: nil)
  }

  deinit {
    take()?.release()
    place.deallocate()
  }

  /// Calls `body` with a block of at least `count` numbers, 64-byte aligned, of any content.
  func withMemory<Result>(
    count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    let size = count * MemoryLayout<Float>.stride
    let kept = take()?.takeRetainedValue()
    let memory = kept.flatMap { $0.count >= size ? $0 : nil } ?? Memory(byteCount: size)
    defer {
      let previous = cnn_exchange(place, Unmanaged.passRetained(memory).toOpaque())
      previous.map { Unmanaged<Memory>.fromOpaque($0).release() }
    }
    return try body(memory.base.assumingMemoryBound(to: Float.self))
  }

  private func take() -> Unmanaged<Memory>? {
    cnn_exchange(place, nil).map { Unmanaged<Memory>.fromOpaque($0) }
  }
}
