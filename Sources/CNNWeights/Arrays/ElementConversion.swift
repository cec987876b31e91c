internal import CNNCore
internal import CNNSystem

/// Writes elements of any type and order as Float32 in row-major order.
struct ElementConversion {
  /// The size of each dimension.
  let shape: [Int]
  /// Steps in the source between neighbours along each dimension, in elements.
  let strides: [Int]
  /// The order of the bytes of one source element.
  let byteOrder: ByteReader.Endianness

  /// Converts `source`, whose first byte is that of the element with all indices zero.
  ///
  /// Precondition: `source` reaches to the last element and `target` has room for each.
  func convert(
    _ source: UnsafeRawBufferPointer, _ type: ElementType,
    to target: UnsafeMutableBufferPointer<Float>
  ) {
    switch type {
    case .float16: gather(source, target) { HalfPrecision.float($0) }
    case .bfloat16: gather(source, target) { (raw: UInt16) in Float(bitPattern: UInt32(raw) << 16) }
    case .float32: gather(source, target) { (raw: UInt32) in Float(bitPattern: raw) }
    case .float64: gather(source, target) { (raw: UInt64) in Float(Double(bitPattern: raw)) }
    case .int8: gather(source, target) { (raw: UInt8) in Float(Int8(bitPattern: raw)) }
    case .int16: gather(source, target) { (raw: UInt16) in Float(Int16(bitPattern: raw)) }
    case .int32: gather(source, target) { (raw: UInt32) in Float(Int32(bitPattern: raw)) }
    case .int64: gather(source, target) { (raw: UInt64) in Float(Int64(bitPattern: raw)) }
    case .uint8: gather(source, target) { (raw: UInt8) in Float(raw) }
    case .uint16: gather(source, target) { (raw: UInt16) in Float(raw) }
    case .uint32: gather(source, target) { (raw: UInt32) in Float(raw) }
    case .uint64: gather(source, target) { (raw: UInt64) in Float(raw) }
    case .bool: gather(source, target) { (raw: UInt8) in raw == 0 ? 0 : 1 }
    }
  }

  /// Fills the target front to back, a row at a time, from the source by its strides.
  @inline(__always)
  private func gather<Raw: FixedWidthInteger & UnsignedInteger>(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableBufferPointer<Float>,
    _ value: (Raw) -> Float
  ) {
    guard !target.isEmpty else { return }
    let rowCount = shape.last ?? 1
    let step = strides.last ?? 1
    let swapped = byteOrder == .big
    var outer = [Int](repeating: 0, count: max(shape.count - 1, 0))
    var rowStart = 0
    for row in stride(from: 0, to: target.count, by: rowCount) {
      for column in 0..<rowCount {
        let raw = source.loadUnaligned(
          fromByteOffset: (rowStart + column * step) * MemoryLayout<Raw>.size, as: Raw.self)
        target[row + column] = value(swapped ? raw.byteSwapped : raw)
      }
      rowStart = advance(&outer, from: rowStart)
    }
  }

  /// Counts the outer indices up by one and returns where the next row starts in the source.
  private func advance(_ indices: inout [Int], from start: Int) -> Int {
    var start = start
    for dimension in indices.indices.reversed() {
      indices[dimension] += 1
      start += strides[dimension]
      if indices[dimension] < shape[dimension] { break }
      start -= shape[dimension] * strides[dimension]
      indices[dimension] = 0
    }
    return start
  }
}
