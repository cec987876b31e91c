internal import CNNSystem
internal import Synchronization

/// Memory that a plan reuses in its runs, because the page faults of fresh memory take longer than
/// what is computed in it.
///
/// Of several runs at the same time one uses the reserved block, and the others fresh ones.
final class RunMemory: Sendable {
  private let reserved = Mutex<Memory?>(nil)

  /// Calls `body` with a block of at least `count` elements, 64-byte aligned, of any content.
  func withMemory<Result>(
    count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    let size = count * MemoryLayout<Float>.stride
    let memory =
      reserved.withLock { $0.take() }.flatMap { $0.count >= size ? $0 : nil }
      ?? Memory(byteCount: size)
    defer { reserved.withLock { $0 = memory } }
    return try body(memory.base.assumingMemoryBound(to: Float.self))
  }
}
