internal import CNNPlatform
internal import CNNImage
internal import CNNSystem

extension Drawing {
  /// The drawing as pixels, with smooth edges.
  ///
  /// - Parameter scale: pixels a unit; 2 is sharp on every display.
  func pixels(_ palette: Palette = .light, scale: Double = 2) throws(CNNError) -> Pixels {
    var renderer = PixelRenderer(
      width: Int((width * scale).rounded(.up)), height: Int((height * scale).rounded(.up)),
      ground: palette.surface)
    for shape in shapes {
      let (polygons, paint) = shape.polygons
      renderer.fill(polygons.map { $0.map { $0 * scale } }, palette.color(paint))
    }
    return try Pixels(width: renderer.width, height: renderer.height, rgb: renderer.bytes)
  }
}

/// Fills polygons on a picture.
private struct PixelRenderer {
  let width: Int
  let height: Int
  private(set) var bytes: [UInt8]

  init(width: Int, height: Int, ground: Palette.RGBTriple) {
    self.width = width
    self.height = height
    bytes = []
    bytes.reserveCapacity(3 * width * height)
    for _ in 0..<width * height { bytes += [ground.red, ground.green, ground.blue] }
  }

  mutating func fill(_ polygons: [[Point]], _ color: Palette.RGBTriple) {
    guard let mask = CoverageMask(polygons, width: width, height: height) else { return }
    let channels = [color.red, color.green, color.blue].map { Float($0) }
    for row in mask.rows {
      var index = 3 * (row * width + mask.columns.lowerBound)
      for coverage in mask.coverage(row: row) {
        if coverage > 0 {
          for channel in 0..<3 {
            let old = Float(bytes[index + channel])
            bytes[index + channel] = UInt8(
              (old + (channels[channel] - old) * coverage).rounded())
          }
        }
        index += 3
      }
    }
  }
}

extension Drawing.Shape {
  /// The shape as polygons to be filled.
  fileprivate var polygons: ([[Point]], Paint) {
    switch self {
    case .rectangle(let x, let y, let width, let height, let paint):
      let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
      return ([corners.map { Point(x: $0.0, y: $0.1) }], paint)
    case .line(let points, let width, let paint):
      return (Self.stroke(points, width: width), paint)
    case .disc(let center, let radius, let paint):
      return ([Self.circle(center, radius)], paint)
    case .text(let text, let label):
      return (PlotFont.polygons(of: text, label), label.paint)
    }
  }

  /// A line as one rectangle a segment, and discs where segments meet. All run the same way round,
  /// so they add up where they overlap.
  private static func stroke(_ points: [Point], width: Double) -> [[Point]] {
    var polygons: [[Point]] = []
    for (start, end) in zip(points, points.dropFirst()) {
      let along = end - start
      let length = (along.x * along.x + along.y * along.y).squareRoot()
      guard length > 0 else { continue }
      let side = Point(x: -along.y, y: along.x) * (width / 2 / length)
      polygons.append([start - side, end - side, end + side, start + side])
    }
    if points.count > 2 { polygons += points.map { circle($0, width / 2) } }
    return polygons
  }

  private static func circle(_ center: Point, _ radius: Double) -> [Point] {
    let count = 32
    return (0..<count).map { index in
      let angle = 2 * Double.pi * Double(index) / Double(count)
      return center + Point(x: radius * cos(angle), y: radius * sin(angle))
    }
  }
}
