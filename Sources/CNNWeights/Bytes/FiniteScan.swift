internal import CNNKernels
internal import CNNSystem

/// Looks for NaN and infinity in Float32 numbers at any alignment, at the speed of memory.
enum FiniteScan {
  /// Numbers that are looked at together; the search inside is done only for one that has a hit.
  private static let blockCount = 1 << 14

  /// The first number in `range` that is NaN or infinite, or nil. Precondition: `numbers` holds as
  /// many.
  static func firstNonFinite(
    in numbers: UnsafeRawBufferPointer, _ range: Range<Int>
  ) -> Int? {
    guard let kernels = cnn_kernels_at(cnn_best_level()) else { return nil }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: blockCount) {
      let block = start..<min(start + blockCount, range.upperBound)
      var largest: UInt32 = 0
      kernels.pointee.largest_magnitude(
        numbers.baseAddress.map { $0 + block.lowerBound * size }, block.count, &largest)
      // As unsigned integers, finite numbers come before infinity and infinity before NaN.
      if largest >= Float.infinity.bitPattern {
        return block.first { magnitude(numbers, $0) >= Float.infinity.bitPattern }
      }
    }
    return nil
  }

  private static let size = MemoryLayout<Float>.stride

  private static func magnitude(_ numbers: UnsafeRawBufferPointer, _ index: Int) -> UInt32 {
    numbers.loadUnaligned(fromByteOffset: index * size, as: UInt32.self) & 0x7FFF_FFFF
  }
}
