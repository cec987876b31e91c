/// How much of each pixel is covered by polygons, exactly: the signed area between each edge and
/// the right border is summed, and a running sum over a row gives the coverage (the method of
/// font-rs and stb_truetype).
struct CoverageMask {
  let columns: Range<Int>
  let rows: Range<Int>
  private var areas: [Float]
  private var stride: Int { columns.count + 2 }

  /// A mask of the pixels that `polygons` touch, inside a picture; nil where there are none.
  init?(_ polygons: [[Point]], width: Int, height: Int) {
    let points = polygons.joined()
    guard
      let left = points.map(\.x).min(), let right = points.map(\.x).max(),
      let top = points.map(\.y).min(), let bottom = points.map(\.y).max(),
      left < Double(width), right > 0, top < Double(height), bottom > 0
    else { return nil }
    columns = max(0, Int(left))..<min(width, Int(right) + 1)
    rows = max(0, Int(top))..<min(height, Int(bottom) + 1)
    areas = [Float](repeating: 0, count: (columns.count + 2) * rows.count)
    for polygon in polygons {
      guard var last = polygon.last else { continue }
      for point in polygon {
        addEdge(from: last, to: point)
        last = point
      }
    }
  }

  /// The coverage of each pixel of a row of the mask, 0 to 1, from the left. Overlapping polygons
  /// of one direction cover no more than one.
  func coverage(row: Int) -> [Float] {
    var sum: Float = 0
    let start = (row - rows.lowerBound) * stride
    return (0..<columns.count).map { column in
      sum += areas[start + column]
      return min(1, abs(sum))
    }
  }

  private mutating func addEdge(from first: Point, to second: Point) {
    guard first.y != second.y else { return }
    let direction: Double = first.y < second.y ? 1 : -1
    let (upper, lower) = first.y < second.y ? (first, second) : (second, first)
    let slope = (lower.x - upper.x) / (lower.y - upper.y)
    let top = max(upper.y, Double(rows.lowerBound))
    let bottom = min(lower.y, Double(rows.upperBound))
    guard top < bottom else { return }
    for row in Int(top)..<Int(bottom.rounded(.up)) {
      let start = max(top, Double(row))
      let end = min(bottom, Double(row + 1))
      let x = (upper.x + (start - upper.y) * slope, upper.x + (end - upper.y) * slope)
      addSpan(row: row, from: min(x.0, x.1), to: max(x.0, x.1), height: (end - start) * direction)
    }
  }

  /// The part of an edge inside one row, from x `left` to `right`.
  private mutating func addSpan(row: Int, from left: Double, to right: Double, height: Double) {
    let base = (row - rows.lowerBound) * stride
    let limit = Double(columns.count)
    // Left of the mask an edge covers everything; right of it nothing.
    let start = max(0, min(limit, left - Double(columns.lowerBound)))
    let end = max(0, min(limit, right - Double(columns.lowerBound)))
    // The area to the right of the edge inside columns up to each border; its differences are
    // what each pixel adds to the running sum.
    func covered(upTo border: Double) -> Double {
      if border <= start { return 0 }
      guard end > start else { return border - start }
      let inside = min(border, end) - start
      return inside * inside / (2 * (end - start)) + max(0, border - end)
    }
    var before = 0.0
    var areaBefore = 0.0
    for column in Int(start)..<min(columns.count, Int(end.rounded(.up)) + 1) + 1 {
      let area = covered(upTo: Double(column + 1))
      let own = area - areaBefore
      areas[base + column] += Float((own - before) * height)
      (before, areaBefore) = (own, area)
      if own >= 1 { break }
    }
  }
}
