/// Shapes and texts on a rectangle, drawn once and written as SVG or as pixels.
struct Drawing {
  /// Where a text stands relative to its point.
  enum Anchor: String {
    case start, middle, end
  }

  /// One shape.
  enum Shape {
    case rectangle(x: Double, y: Double, width: Double, height: Double, Paint)
    case line([Point], width: Double, Paint)
    case disc(center: Point, radius: Double, Paint)
    case text(String, Label)
  }

  /// How a text is set; the point lies on its base line.
  struct Label {
    var at: Point
    var size: Double
    var anchor = Anchor.start
    var paint = Paint.muted
    /// Turned to be read from below.
    var isVertical = false
  }

  /// Size in units, which are pixels at scale 1.
  let width: Double
  let height: Double
  /// What it shows, for people who cannot see it.
  let summary: String
  /// In the order in which they are painted.
  private(set) var shapes: [Shape] = []

  /// An empty drawing.
  init(width: Double, height: Double, summary: String) {
    self.width = width
    self.height = height
    self.summary = summary
  }

  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, _ paint: Paint
  ) {
    shapes.append(.rectangle(x: x, y: y, width: width, height: height, paint))
  }

  mutating func line(_ points: [Point], width: Double = 1, _ paint: Paint) {
    shapes.append(.line(points, width: width, paint))
  }

  mutating func disc(_ center: Point, radius: Double, _ paint: Paint) {
    shapes.append(.disc(center: center, radius: radius, paint))
  }

  mutating func text(
    _ text: String, x: Double, y: Double, size: Double = 12, anchor: Anchor = .start,
    _ paint: Paint = .muted, isVertical: Bool = false
  ) {
    shapes.append(
      .text(
        text,
        Label(
          at: Point(x: x, y: y), size: size, anchor: anchor, paint: paint, isVertical: isVertical)))
  }
}

/// A position in a drawing, in its units, from the top left.
struct Point: Hashable {
  var x: Double
  var y: Double

  static func + (left: Point, right: Point) -> Point {
    Point(x: left.x + right.x, y: left.y + right.y)
  }

  static func - (left: Point, right: Point) -> Point {
    Point(x: left.x - right.x, y: left.y - right.y)
  }

  static func * (point: Point, factor: Double) -> Point {
    Point(x: point.x * factor, y: point.y * factor)
  }
}
