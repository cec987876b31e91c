internal import CNNSystem

/// Lines over epochs, such as the loss in training and on the pictures for validation.
struct LineChart {
  /// One line.
  struct Series {
    let name: String
    /// In the order of their x.
    let points: [Point]
  }

  var title: String
  var xTitle: String
  /// Shown behind the values of the y axis, such as ` %`.
  var yUnit = ""
  var series: [Series]
  /// Whether the y axis begins at 0 if nothing lies below.
  var beginsAtZero = false
  /// The y axis ends here at the latest.
  var yLimit: Double?
  /// Stands below the title.
  var subtitle = ""
  /// A point that is marked.
  var mark: (point: Point, series: Int)?

  /// Width and height of the drawing, in units.
  var size = wide

  /// For a page and for a file.
  static let wide = (width: 640.0, height: 380.0)
  /// For a phone.
  static let narrow = (width: 350.0, height: 300.0)

  private static let (top, bottom, right) = (74.0, 52.0, 24.0)

  /// The drawing.
  var drawing: Drawing {
    let finite = series.map { series in
      Series(name: series.name, points: series.points.filter { $0.x.isFinite && $0.y.isFinite })
    }
    let all = finite.flatMap(\.points)
    var drawing = Drawing(width: size.width, height: size.height, summary: summary(finite))
    drawing.text(title, x: 20, y: 30, size: 16, .ink)
    if !subtitle.isEmpty { drawing.text(subtitle, x: 20, y: 51) }
    guard let xs = Self.range(all.map(\.x)), let ys = Self.range(all.map(\.y)) else {
      drawing.text(
        "no data yet", x: size.width / 2, y: size.height / 2, size: 14, anchor: .middle)
      return drawing
    }
    let frame = Frame(
      xs: TickScale(whole: xs, count: Int(size.width / 50)), ys: yScale(ys), yUnit: yUnit,
      size: size)
    drawAxes(frame, &drawing)
    drawLegend(finite, &drawing)
    for (index, series) in finite.enumerated() {
      draw(series.points.map(frame.place), .series(index), &drawing)
    }
    drawMark(frame, &drawing)
    return drawing
  }

  // MARK: Axes

  /// Where values lie in the drawing.
  private struct Frame {
    let xs: TickScale
    let ys: TickScale
    let left: Double
    let yUnit: String
    let size: (width: Double, height: Double)

    init(
      xs: TickScale, ys: TickScale, yUnit: String, size: (width: Double, height: Double)
    ) {
      self.size = size
      self.xs = xs
      self.ys = ys
      self.yUnit = yUnit
      let widths = ys.ticks.map { PlotFont.width(of: ys.text($0) + yUnit, size: 12) }
      left = 20 + (widths.max() ?? 0) + 10
    }

    func x(_ value: Double) -> Double {
      // Half a step on both sides, so that the first epoch does not lie on the axis.
      let margin = 14.0
      let span = xs.range.upperBound - xs.range.lowerBound
      let share = span > 0 ? (value - xs.range.lowerBound) / span : 0.5
      return left + margin + share * (size.width - LineChart.right - left - 2 * margin)
    }

    func y(_ value: Double) -> Double {
      let share = (value - ys.range.lowerBound) / (ys.range.upperBound - ys.range.lowerBound)
      return size.height - LineChart.bottom
        - share * (size.height - LineChart.bottom - LineChart.top)
    }

    func place(_ point: Point) -> Point { Point(x: x(point.x), y: y(point.y)) }
  }

  private static func range(_ values: [Double]) -> ClosedRange<Double>? {
    guard let least = values.min(), let greatest = values.max() else { return nil }
    return least...greatest
  }

  private func yScale(_ range: ClosedRange<Double>) -> TickScale {
    var (least, greatest) = (range.lowerBound, range.upperBound)
    if beginsAtZero { least = min(0, least) }
    if greatest - least < 1e-9 { greatest += max(1e-3, abs(greatest) * 0.1) }
    // A margin below the lowest point, but no shares or losses below zero.
    if !beginsAtZero { least = min(least, max(0, least - (greatest - least) * 0.05)) }
    if let yLimit { greatest = min(yLimit, greatest) }
    if greatest <= least { least = greatest - 1 }
    return TickScale(least...greatest)
  }

  private func drawAxes(_ frame: Frame, _ drawing: inout Drawing) {
    let right = size.width - Self.right
    let floor = size.height - Self.bottom
    for tick in frame.ys.ticks {
      let y = frame.y(tick)
      drawing.line([Point(x: frame.left, y: y), Point(x: right, y: y)], .grid)
      drawing.text(frame.ys.text(tick) + yUnit, x: frame.left - 8, y: y + 4, anchor: .end)
    }
    drawing.line([Point(x: frame.left, y: floor), Point(x: right, y: floor)], .muted)
    for tick in frame.xs.ticks {
      let x = frame.x(tick)
      drawing.line([Point(x: x, y: floor), Point(x: x, y: floor + 5)], .muted)
      drawing.text(frame.xs.text(tick), x: x, y: floor + 20, anchor: .middle)
    }
    drawing.text(
      xTitle, x: (frame.left + right) / 2, y: size.height - 10, anchor: .middle)
  }

  // MARK: Lines

  private func drawLegend(_ series: [Series], _ drawing: inout Drawing) {
    var x = size.width - Self.right
    for (index, series) in series.enumerated().reversed() {
      x -= PlotFont.width(of: series.name, size: 13)
      drawing.text(series.name, x: x, y: 30, size: 13, .ink)
      drawing.line([Point(x: x - 28, y: 25.5), Point(x: x - 8, y: 25.5)], width: 3, .series(index))
      x -= 28 + 20
    }
  }

  private func draw(_ points: [Point], _ paint: Paint, _ drawing: inout Drawing) {
    if points.count > 1 { drawing.line(points, width: 2.25, paint) }
    guard points.count <= 40 else { return }
    for point in points { drawing.disc(point, radius: points.count > 20 ? 2.5 : 3.5, paint) }
  }

  private func drawMark(_ frame: Frame, _ drawing: inout Drawing) {
    guard let mark else { return }
    let place = frame.place(mark.point)
    drawing.disc(place, radius: 7, .series(mark.series))
    drawing.disc(place, radius: 4, .surface)
  }

  private func summary(_ series: [Series]) -> String {
    let parts = series.map { series in
      guard let first = series.points.first, let last = series.points.last else {
        return "\(series.name): no data"
      }
      return "\(series.name) from \(NumberText.fixed(first.y, decimals: 3))\(yUnit) "
        + "to \(NumberText.fixed(last.y, decimals: 3))\(yUnit)"
    }
    return "\(title): \(parts.joined(separator: ", "))"
  }
}
