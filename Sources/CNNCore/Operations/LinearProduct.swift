/// The loops of `LinearOperation`: they add the products of some outputs to the result, which holds
/// the bias.
///
/// Both read the weight once, in the order of memory where that is possible, and use each part for
/// all pictures while it is in the cache.
struct LinearProduct {
  /// Pictures, N.
  let count: Int
  /// Elements of an input row.
  let inputs: Int
  /// Elements of a result row.
  let outputs: Int
  /// `[N, in]`.
  let input: UnsafePointer<Float>
  /// `[out, in]` or `[in, out]`, at any address.
  let weight: UnsafeRawPointer
  /// `[N, out]`.
  let result: UnsafeMutablePointer<Float>

  /// Eight elements: two registers of SSE or NEON, one of AVX.
  private typealias Vector = SIMD8<Float>
  private static let lanes = Vector.scalarCount

  /// Adds the products of the outputs `range` with a weight `[out, in]`, whose row of one output
  /// is contiguous: four rows at a time, eight partial sums for each.
  func addOutputInput(_ range: Range<Int>) {
    for first in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
      // A short last group repeats its last row; the sums of the repeated rows are not stored.
      func row(_ index: Int) -> UnsafeRawPointer {
        weight + min(first + index, range.upperBound - 1) * inputs * MemoryLayout<Float>.stride
      }
      let rows = (row(0), row(1), row(2), row(3))
      for picture in 0..<count {
        let sums = Self.dotProducts(input + picture * inputs, rows, count: inputs)
        let target = result + picture * outputs + first
        for index in 0..<min(4, range.upperBound - first) { target[index] += sums[index] }
      }
    }
  }

  private static func dotProducts(
    _ input: UnsafePointer<Float>,
    _ rows: (UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer), count: Int
  ) -> SIMD4<Float> {
    let input = UnsafeRawPointer(input)
    var sums = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    @inline(__always) func step(at index: Int, count: Int) {
      let values = load(input, at: index, count: count)
      sums.0 += values * load(rows.0, at: index, count: count)
      sums.1 += values * load(rows.1, at: index, count: count)
      sums.2 += values * load(rows.2, at: index, count: count)
      sums.3 += values * load(rows.3, at: index, count: count)
    }
    let whole = count - count % lanes
    for index in stride(from: 0, to: whole, by: lanes) { step(at: index, count: lanes) }
    if whole < count { step(at: whole, count: count - whole) }
    return SIMD4(sums.0.sum(), sums.1.sum(), sums.2.sum(), sums.3.sum())
  }

  /// Adds the products of the outputs `range` with a weight `[in, out]`, whose row of one input is
  /// contiguous: eight rows at a time, so that the result is loaded and stored once for eight
  /// products.
  func addInputOutput(_ range: Range<Int>) {
    let whole = inputs - inputs % 8
    for first in stride(from: 0, to: whole, by: 8) { addRows(first, count: 8, range) }
    for row in whole..<inputs { addRows(row, count: 1, range) }
  }

  /// Adds to each result in `range` the sum over the weight rows `first ..< first + count`.
  @inline(__always)
  private func addRows(_ first: Int, count rowCount: Int, _ range: Range<Int>) {
    let stride = outputs * MemoryLayout<Float>.stride
    let rows = weight + first * stride
    for picture in 0..<count {
      let values = Self.load(input, at: picture * inputs + first, count: rowCount)
      let target = result + picture * outputs
      @inline(__always) func step(at column: Int, count: Int) {
        var sum = values[0] * Self.load(rows, at: column, count: count)
        for row in 1..<rowCount {
          sum += values[row] * Self.load(rows + row * stride, at: column, count: count)
        }
        sum += Self.load(target, at: column, count: count)
        Self.store(sum, target, at: column, count: count)
      }
      let whole = range.upperBound - range.count % Self.lanes
      for column in Swift.stride(from: range.lowerBound, to: whole, by: Self.lanes) {
        step(at: column, count: Self.lanes)
      }
      if whole < range.upperBound { step(at: whole, count: range.upperBound - whole) }
    }
  }

  /// Elements `index ..< index + count` of an array at any address; zeros fill the vector.
  @inline(__always)
  private static func load(_ base: UnsafeRawPointer, at index: Int, count: Int) -> Vector {
    let address = base + index * MemoryLayout<Float>.stride
    if count == lanes { return address.loadUnaligned(as: Vector.self) }
    var vector = Vector.zero
    for lane in 0..<count {
      vector[lane] = address.loadUnaligned(
        fromByteOffset: lane * MemoryLayout<Float>.stride, as: Float.self)
    }
    return vector
  }

  @inline(__always)
  private static func store(
    _ vector: Vector, _ target: UnsafeMutablePointer<Float>, at index: Int, count: Int
  ) {
    if count == lanes {
      UnsafeMutableRawPointer(target + index).storeBytes(of: vector, as: Vector.self)
    } else {
      for lane in 0..<count { target[index + lane] = vector[lane] }
    }
  }
}
