internal import CNNCore

extension Pixels {
  /// The source pixel under the centre of each target pixel, `floor((x + 0.5) * scale)`, as
  /// Pillow's `NEAREST` finds it.
  func resizedNearest(to size: Extent, _ region: PixelRegion) -> Pixels {
    let sourceRows = Self.nearest(source: height, target: size.height, region.rows)
    let sourceColumns = Self.nearest(source: width, target: size.width, region.columns)
    return Pixels(uncheckedWidth: sourceColumns.count, height: sourceRows.count) { target in
      bytes.withUnsafeBufferPointer { source in
        var output = 0
        for row in sourceRows {
          for column in sourceColumns {
            let input = 3 * (row * width + column)
            for channel in 0..<3 { target[output + channel] = source[input + channel] }
            output += 3
          }
        }
      }
    }
  }

  /// Pillow adds the scale up from pixel to pixel; a product would round differently for some
  /// sizes and choose the neighbour.
  private static func nearest(source: Int, target: Int, _ range: Range<Int>) -> [Int] {
    let scale = Double(source) / Double(target)
    var position = scale * 0.5
    var indices: [Int] = []
    for index in 0..<range.upperBound {
      if range.contains(index) { indices.append(min(Int(position), source - 1)) }
      position += scale
    }
    return indices
  }
}
