internal import CNNCore

/// A rectangle of pixels. Resizing computes only the region that is asked for: what a centre crop
/// throws away is never made.
struct PixelRegion {
  let rows: Range<Int>
  let columns: Range<Int>

  init(rows: Range<Int>, columns: Range<Int>) {
    self.rows = rows
    self.columns = columns
  }

  /// The whole of a picture.
  init(all size: Extent) {
    self.init(rows: 0..<size.height, columns: 0..<size.width)
  }
}

extension Pixels {
  /// The pixels of `region`, copied. Precondition: it lies inside.
  func cropped(to region: PixelRegion) -> Pixels {
    if region.rows.count == height && region.columns.count == width { return self }
    let rowBytes = 3 * region.columns.count
    return Pixels(uncheckedWidth: region.columns.count, height: region.rows.count) { target in
      for (output, row) in region.rows.enumerated() {
        let start = 3 * (row * width + region.columns.lowerBound)
        _ = UnsafeMutableBufferPointer(rebasing: target[(output * rowBytes)...])
          .update(fromContentsOf: bytes[start..<start + rowBytes])
      }
    }
  }
}
