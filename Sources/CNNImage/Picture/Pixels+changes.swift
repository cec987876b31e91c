internal import CNNCore

/// A rectangle of pixels. A resize computes only the region that is used: what a centre crop
/// discards is never computed.
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
  /// A copy of the pixels of `region`. Precondition: it lies inside.
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

  /// The picture with every element replaced by the result of `change`.
  ///
  /// - Parameter change: gets the channel, 0 to 2, and the element.
  package func mapped(_ change: (_ channel: Int, UInt8) -> UInt8) -> Pixels {
    Pixels(uncheckedWidth: width, height: height) { target in
      for start in stride(from: 0, to: bytes.count, by: 3) {
        for channel in 0..<3 { target[start + channel] = change(channel, bytes[start + channel]) }
      }
    }
  }

  /// The picture with its contrast stretched: the darkest element of all channels becomes 0 and the
  /// brightest 255. Equal to SciPy's `bytescale` of a picture in Float32.
  var contrastStretched: Pixels {
    guard let darkest = bytes.min(), let brightest = bytes.max() else { return self }
    // SciPy makes a picture of one colour black.
    let scale = Float(255 / Double(max(1, brightest - darkest)))
    let table = (0...255).map { value in
      UInt8(max(0, min(255, (Float(value) - Float(darkest)) * scale)) + 0.5)
    }
    return Pixels(uncheckedWidth: width, height: height, bytes: bytes.map { table[Int($0)] })
  }

  /// The luma of each pixel in all three channels, in the fixed point of Pillow's `convert("L")`
  /// (ITU-R BT.601).
  var gray: Pixels {
    Pixels(uncheckedWidth: width, height: height) { target in
      bytes.withUnsafeBufferPointer { source in
        for start in stride(from: 0, to: source.count, by: 3) {
          let luma =
            (19_595 * Int(source[start]) + 38_470 * Int(source[start + 1])
              + 7_471 * Int(source[start + 2]) + 0x8000) >> 16
          for channel in 0..<3 { target[start + channel] = UInt8(luma) }
        }
      }
    }
  }
}
