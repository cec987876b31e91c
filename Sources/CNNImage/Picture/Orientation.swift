internal import CNNSystem

/// How stored pixels have to be turned or mirrored to stand upright: the Exif tag of that name
/// (0x0112).
public enum Orientation: Int, Sendable, Hashable, Codable, CaseIterable {
  /// As stored.
  case up = 1
  /// Mirrored left to right.
  case upMirrored = 2
  /// Turned by 180 degrees.
  case down = 3
  /// Mirrored top to bottom.
  case downMirrored = 4
  /// Mirrored along the diagonal from the top left corner: rows become columns.
  case leftMirrored = 5
  /// To be turned by 90 degrees clockwise.
  case right = 6
  /// Mirrored along the other diagonal.
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
    // Each orientation is a walk over the source, given in pixels: the start, the step from one
    // column of the result to the next, and the step from one row of the result to the next.
    let (start, columnStep, rowStep) =
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
      columnStep: columnStep, rowStep: rowStep)
  }

  private func walked(
    width: Int, height: Int, start: Int, columnStep: Int, rowStep: Int
  ) -> Pixels {
    Pixels(uncheckedWidth: width, height: height) { target in
      bytes.withUnsafeBufferPointer { source in
        var output = 0
        for row in 0..<height {
          var input = 3 * (start + row * rowStep)
          for _ in 0..<width {
            target[output] = source[input]
            target[output + 1] = source[input + 1]
            target[output + 2] = source[input + 2]
            output += 3
            input += 3 * columnStep
          }
        }
      }
    }
  }
}

extension Orientation {
  /// The orientation that an Exif block states; the block is a small TIFF file.
  ///
  /// Nil where it states none and where it is damaged: damage there never fails the picture.
  init?(exif block: Bytes) {
    guard let value = try? Self.value(inTIFF: block), let orientation = Orientation(rawValue: value)
    else { return nil }
    self = orientation
  }

  /// The tag's value in the first directory. The later ones describe the thumbnail.
  private static func value(inTIFF block: Bytes) throws(CNNError) -> Int? {
    var reader = ByteReader(block, domain: .picture)
    let endianness: ByteReader.Endianness
    switch try reader.read(UInt16.self, .big) {
    case 0x4949: endianness = .little
    case 0x4D4D: endianness = .big
    default: return nil
    }
    guard try reader.read(UInt16.self, endianness) == 42 else { return nil }
    try reader.seek(to: Int(reader.read(UInt32.self, endianness)))
    for _ in 0..<(try reader.read(UInt16.self, endianness)) {
      let tag = try reader.read(UInt16.self, endianness)
      let type = try reader.read(UInt16.self, endianness)
      let count = try reader.read(UInt32.self, endianness)
      guard tag == orientationTag, count == 1 else {
        try reader.skip(4)
        continue
      }
      switch type {
      case 3: return try Int(reader.read(UInt16.self, endianness))
      case 4: return try Int(reader.read(UInt32.self, endianness))
      default: return nil
      }
    }
    return nil
  }

  private static let orientationTag: UInt16 = 0x0112
}
