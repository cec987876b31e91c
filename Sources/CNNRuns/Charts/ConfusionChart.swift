internal import CNNSystem
internal import CNNTraining

/// A confusion matrix as colours: each row's share of each column.
///
/// Up to 12 classes have figures in their cells, and up to 48 have names at their rows and columns.
/// More are put together in groups, so that the drawing stays small and readable.
struct ConfusionChart {
  let matrix: ConfusionMatrix
  var title = "Confusion matrix"

  private static let numberedClasses = 12
  /// With more classes several share a cell, and their indices stand for their names.
  static let namedClasses = 48

  /// Cells of one or more classes.
  private struct Grid {
    let counts: [[Int]]
    /// Classes a cell, in each direction.
    let groupSize: Int
  }

  private var grid: Grid {
    let count = matrix.counts.count
    let size = (count + Self.namedClasses - 1) / Self.namedClasses
    guard size > 1 else { return Grid(counts: matrix.counts, groupSize: 1) }
    let groups = (count + size - 1) / size
    var counts = [[Int]](repeating: [Int](repeating: 0, count: groups), count: groups)
    for (row, cells) in matrix.counts.enumerated() {
      for (column, number) in cells.enumerated() { counts[row / size][column / size] += number }
    }
    return Grid(counts: counts, groupSize: size)
  }

  /// The drawing; its size depends on the number of classes.
  var drawing: Drawing {
    let grid = grid
    let count = grid.counts.count
    let hasNumbers = count <= Self.numberedClasses && grid.groupSize == 1
    let cell: Double = hasNumbers ? max(44, min(84, 336 / Double(max(1, count)))) : 12
    let fontSize = hasNumbers ? 12.0 : 9.5
    let names = grid.groupSize == 1 ? labels(size: fontSize) : ranges(grid)
    let widest = names.map { PlotFont.width(of: $0, size: fontSize) }.max() ?? 0
    let side = cell * Double(count)
    let standing =
      !hasNumbers
      || names.contains {
        PlotFont.width(of: $0, size: fontSize) > cell - 6
      }
    let left = 44 + widest + 10
    let top = 76.0
    let below = (standing ? widest : 14) + 44
    var drawing = Drawing(
      width: max(320, left + side + 24), height: top + side + below, summary: summary)
    drawing.text(title, x: 20, y: 30, size: 16, .ink)
    drawing.text(subtitle(grid), x: 20, y: 51, size: 12)
    draw(grid, left: left, top: top, cell: cell, hasNumbers: hasNumbers, &drawing)
    for (index, name) in names.enumerated() {
      let middle = (Double(index) + 0.5) * cell
      let baseline = middle + fontSize * 0.36
      drawing.text(name, x: left - 8, y: top + baseline, size: fontSize, anchor: .end)
      if standing {
        drawing.text(
          name, x: left + baseline, y: top + side + 8, size: fontSize, anchor: .end,
          isVertical: true)
      } else {
        drawing.text(
          name, x: left + middle, y: top + side + 18, size: fontSize, anchor: .middle)
      }
    }
    drawing.text("predicted", x: left + side / 2, y: top + side + below - 12, anchor: .middle, .ink)
    drawing.text("true", x: 24, y: top + side / 2, anchor: .middle, .ink, isVertical: true)
    return drawing
  }

  private func draw(
    _ grid: Grid, left: Double, top: Double, cell: Double, hasNumbers: Bool,
    _ drawing: inout Drawing
  ) {
    let side = cell * Double(grid.counts.count)
    drawing.rectangle(x: left, y: top, width: side, height: side, .heat(0.04))
    for (row, numbers) in grid.counts.enumerated() {
      let total = numbers.reduce(0, +)
      for (column, number) in numbers.enumerated() {
        let share = total == 0 ? 0 : Double(number) / Double(total)
        // The square root makes rare confusions visible, which are of most interest.
        let heat = 0.04 + 0.96 * share.squareRoot()
        let (x, y) = (left + Double(column) * cell, top + Double(row) * cell)
        if number > 0 {
          drawing.rectangle(x: x, y: y, width: cell, height: cell, .heat(heat))
        }
        if hasNumbers { write(number, share, x: x, y: y, cell: cell, heat, &drawing) }
      }
    }
    guard hasNumbers else { return }
    // Gaps between the cells, in the colour of the ground.
    for line in 1..<max(2, grid.counts.count) {
      let place = Double(line) * cell
      drawing.line(
        [Point(x: left, y: top + place), Point(x: left + side, y: top + place)], width: 2, .surface)
      drawing.line(
        [Point(x: left + place, y: top), Point(x: left + place, y: top + side)], width: 2, .surface)
    }
  }

  private func write(
    _ number: Int, _ share: Double, x: Double, y: Double, cell: Double, _ heat: Double,
    _ drawing: inout Drawing
  ) {
    let (middle, size) = (x + cell / 2, cell >= 60 ? 15.0 : 12)
    let paint: Paint = number == 0 ? .muted : .onHeat(heat)
    drawing.text(
      NumberText.grouped(number), x: middle, y: y + cell / 2 + (number == 0 ? 5 : 0), size: size,
      anchor: .middle, paint)
    guard number > 0 else { return }
    drawing.text(
      NumberText.fixed(100 * share, decimals: 1) + " %", x: middle, y: y + cell / 2 + 15,
      size: cell >= 60 ? 11 : 9.5, anchor: .middle, paint)
  }

  // MARK: Words

  private func labels(size: Double) -> [String] {
    matrix.classNames.map { PlotFont.fitting($0, size: size, width: 130) }
  }

  private func ranges(_ grid: Grid) -> [String] {
    grid.counts.indices.map { group in
      let first = group * grid.groupSize
      return "\(first)–\(min(first + grid.groupSize, matrix.counts.count) - 1)"
    }
  }

  private func subtitle(_ grid: Grid) -> String {
    grid.groupSize == 1
      ? "Rows add up to 100 %"
      : "A cell stands for \(grid.groupSize) × \(grid.groupSize) classes"
  }

  private var summary: String {
    let hits = matrix.counts.indices.reduce(0) { $0 + matrix.counts[$1][$1] }
    let all = matrix.counts.joined().reduce(0, +)
    return "\(title) of \(matrix.classNames.count) classes: \(hits) of \(all) on the diagonal"
  }
}
