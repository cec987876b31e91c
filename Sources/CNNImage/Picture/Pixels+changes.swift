package import CNNCore

extension Pixels {
  /// A crop out of the picture brought to another size, of which only the crop is computed.
  ///
  /// - Parameters:
  ///   - size: what the whole picture is resized to.
  ///   - crop: height and width of what is kept.
  ///   - top: rows above it in the resized picture. Precondition: the crop lies inside.
  ///   - left: columns left of it.
  package func resized(
    to size: Extent, _ resampling: Resampling, crop: Extent, top: Int, left: Int
  ) -> Pixels {
    precondition(
      top >= 0 && left >= 0 && crop.height > 0 && crop.width > 0
        && top + crop.height <= size.height && left + crop.width <= size.width,
      "the crop lies outside the picture")
    let region = PixelRegion(rows: top..<top + crop.height, columns: left..<left + crop.width)
    switch resampled(to: size, resampling, region: region) {
    case .eightBit(let pixels): return pixels
    case .float(let pixels): return pixels.rounded
    }
  }

  /// The picture with every value replaced by what `change` makes of it.
  ///
  /// - Parameter change: takes the channel, 0 to 2, and the value.
  package func mapped(_ change: (_ channel: Int, UInt8) -> UInt8) -> Pixels {
    Pixels(uncheckedWidth: width, height: height) { target in
      for start in stride(from: 0, to: bytes.count, by: 3) {
        for channel in 0..<3 { target[start + channel] = change(channel, bytes[start + channel]) }
      }
    }
  }
}
