internal import CNNByteScan

/// Searches Float32 elements at any address for NaN and infinity, at the speed of memory.
enum FiniteScan {
  /// Elements that are looked at together; only a block that has a hit is searched.
  private static let blockCount = 1 << 14

  /// The first element in `range` that is NaN or infinite, or nil. Precondition: `elements` holds as
  /// many.
  static func firstNonFinite(
    in elements: UnsafeRawBufferPointer, _ range: Range<Int>
  ) -> Int? {
    let size = MemoryLayout<Float>.stride
    for start in stride(from: range.lowerBound, to: range.upperBound, by: blockCount) {
      let block = start..<min(start + blockCount, range.upperBound)
      let first = elements.baseAddress.map { $0 + block.lowerBound * size }
      guard cnn_has_non_finite(first, block.count) else { continue }
      return block.first {
        !elements.loadUnaligned(fromByteOffset: $0 * size, as: Float.self).isFinite
      }
    }
    return nil
  }
}
