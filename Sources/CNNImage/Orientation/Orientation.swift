/// How stored pixels have to be turned to stand upright: the Exif tag of that name (0x0112).
public enum Orientation: Int, Sendable, Hashable, Codable, CaseIterable {
  /// As stored.
  case up = 1
  /// Mirrored left to right.
  case upMirrored = 2
  /// Turned by 180 degrees.
  case down = 3
  /// Mirrored top to bottom.
  case downMirrored = 4
  /// Mirrored at the diagonal from the top left: rows become columns.
  case leftMirrored = 5
  /// To be turned by 90 degrees clockwise.
  case right = 6
  /// Mirrored at the other diagonal.
  case rightMirrored = 7
  /// To be turned by 90 degrees counterclockwise.
  case left = 8

  /// Whether turning exchanges width and height.
  public var exchangesSides: Bool { rawValue >= 5 }
}

extension Pixels {
  /// The pixels turned upright.
  public func oriented(_ orientation: Orientation) -> Pixels {
    guard orientation != .up else { return self }
    let (lastRow, lastColumn) = (height - 1, width - 1)
    // Each turn is a walk over the source: where it starts, and how far one step along a row and
    // one step down a column of the result go, in pixels.
    let (start, along, down) =
      switch orientation {
      case .up: (0, 1, width)
      case .upMirrored: (lastColumn, -1, width)
      case .down: (lastRow * width + lastColumn, -1, -width)
      case .downMirrored: (lastRow * width, 1, -width)
      case .leftMirrored: (0, width, 1)
      case .right: (lastRow * width, -width, 1)
      case .rightMirrored: (lastRow * width + lastColumn, -width, -1)
      case .left: (lastColumn, width, -1)
      }
    let isTurned = orientation.exchangesSides
    return walked(
      width: isTurned ? height : width, height: isTurned ? width : height, start: start,
      along: along, down: down)
  }

  private func walked(width: Int, height: Int, start: Int, along: Int, down: Int) -> Pixels {
    Pixels(uncheckedWidth: width, height: height) { target in
      bytes.withUnsafeBufferPointer { source in
        var output = 0
        for row in 0..<height {
          var input = 3 * (start + row * down)
          for _ in 0..<width {
            target[output] = source[input]
            target[output + 1] = source[input + 1]
            target[output + 2] = source[input + 2]
            output += 3
            input += 3 * along
          }
        }
      }
    }
  }
}
