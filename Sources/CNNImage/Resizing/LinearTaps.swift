/// The two source elements around each target element, and the share of the second.
struct LinearTaps {
  private(set) var first: [Int] = []
  private(set) var second: [Int] = []
  /// From 0 (only the first) to 1.
  private(set) var share: [Float] = []

  /// - Parameters:
  ///   - source: the number of source elements.
  ///   - positions: where each target element lies among them; the ends are repeated outwards.
  init(source: Int, positions: some Sequence<Double>) {
    for position in positions {
      let below = position.rounded(.down)
      first.append(max(0, min(source - 1, Int(below))))
      second.append(max(0, min(source - 1, Int(below) + 1)))
      share.append(Float(position - below))
    }
  }

  /// The same, with positions outside moved to the ends. The values are the same but for rounding.
  func clampedAtEnds() -> LinearTaps {
    var copy = self
    for index in share.indices where first[index] == second[index] { copy.share[index] = 0 }
    return copy
  }
}

/// Calls `body` for each target row with its two source rows, which `horizontal` has brought to the
/// target's width; each source row is made once, and two are kept.
///
/// - Parameters:
///   - rows: the two source rows of each target row.
///   - count: elements of a row.
func forEachRowPair<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>(
  _ rows: LinearTaps, count: Int,
  horizontal: (_ sourceRow: Int, UnsafeMutableBufferPointer<Element>) -> Void,
  body: (
    _ targetRow: Int, UnsafeMutableBufferPointer<Element>, UnsafeMutableBufferPointer<Element>
  ) -> Void
) {
  let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: 2 * count)
  memory.initialize(repeating: 0)
  defer { memory.deallocate() }
  let slots = [
    UnsafeMutableBufferPointer(rebasing: memory[..<count]),
    UnsafeMutableBufferPointer(rebasing: memory[count...]),
  ]
  var held = [-1, -1]
  func slot(holding row: Int, besides other: Int) -> UnsafeMutableBufferPointer<Element> {
    if let index = held.firstIndex(of: row) { return slots[index] }
    let index = held[0] == other ? 1 : 0
    horizontal(row, slots[index])
    held[index] = row
    return slots[index]
  }
  for index in rows.first.indices {
    let (first, second) = (rows.first[index], rows.second[index])
    body(index, slot(holding: first, besides: second), slot(holding: second, besides: first))
  }
}
