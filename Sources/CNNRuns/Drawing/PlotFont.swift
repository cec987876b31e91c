/// The letters of plots: outlines that any renderer can fill.
enum PlotFont {
  private struct Glyph {
    let advance: Double
    /// Closed polygons; curves are cut into four pieces, which is enough up to some 60 pixels.
    let contours: [[Point]]
  }

  private static let glyphs: [Unicode.Scalar: Glyph] = {
    let lines = RobotoOutlines.table.split(separator: "\n").map { glyph(line: $0) }
    return Dictionary(lines.compactMap { $0 }) { first, _ in first }
  }()

  /// What stands for a character that is not there: an empty box.
  private static let box = Glyph(
    advance: 0.6,
    contours: [
      [(0.08, 0), (0.52, 0), (0.52, -0.7), (0.08, -0.7)],
      [(0.13, -0.05), (0.13, -0.65), (0.47, -0.65), (0.47, -0.05)],
    ].map { $0.map { Point(x: $0.0, y: $0.1) } })

  /// The width of a line of text, in the units of `size`.
  static func width(of text: String, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { $0 + (glyphs[$1] ?? box).advance } * size
  }

  /// The text, with an ellipsis for its middle where it is wider than `width`: names of many
  /// classes often differ at their ends.
  static func fitting(_ text: String, size: Double, width limit: Double) -> String {
    guard width(of: text, size: size) > limit else { return text }
    var kept = text.count
    while kept > 0 {
      kept -= 1
      let short = text.prefix((kept + 1) / 2) + "…" + text.suffix(kept / 2)
      if width(of: String(short), size: size) <= limit { return String(short) }
    }
    return "…"
  }

  /// The polygons of a text; holes run the other way round.
  static func polygons(of text: String, _ label: Drawing.Label) -> [[Point]] {
    let size = label.size
    let width = width(of: text, size: size)
    var pen: Double =
      switch label.anchor {
      case .start: 0
      case .middle: -width / 2
      case .end: -width
      }
    var polygons: [[Point]] = []
    for scalar in text.unicodeScalars {
      let glyph = glyphs[scalar] ?? box
      for contour in glyph.contours {
        polygons.append(
          contour.map { point in
            let (x, y) = (pen + point.x * size, point.y * size)
            return label.at + (label.isVertical ? Point(x: y, y: -x) : Point(x: x, y: y))
          })
      }
      pen += glyph.advance * size
    }
    return polygons
  }

  /// A glyph from its line in the table; y grows downwards here.
  private static func glyph(line: Substring) -> (Unicode.Scalar, Glyph)? {
    let parts = line.split(separator: "|")
    let head = parts.first?.split(separator: " ") ?? []
    guard
      head.count == 2, let scalar = UInt32(head[0], radix: 16).flatMap(Unicode.Scalar.init),
      let advance = Double(head[1])
    else { return nil }
    return (scalar, Glyph(advance: advance / 1000, contours: parts.dropFirst().map(contour)))
  }

  private static func contour(_ text: Substring) -> [Point] {
    var points: [Point] = []
    var control: Point?
    for word in text.split(separator: " ") {
      let isControl = word.first == "~"
      let numbers = (isControl ? word.dropFirst() : word).split(separator: ",").compactMap {
        Double($0)
      }
      guard numbers.count == 2 else { continue }
      let point = Point(x: numbers[0] / 1000, y: -numbers[1] / 1000)
      if isControl {
        control = point
      } else if let middle = control, let start = points.last {
        for step in 1...4 {
          let t = Double(step) / 4
          points.append(start * ((1 - t) * (1 - t)) + middle * (2 * t * (1 - t)) + point * (t * t))
        }
        control = nil
      } else {
        points.append(point)
      }
    }
    return points
  }
}
