public import CNNCore

extension Pixels {
  /// The picture brought to another size; the sides are scaled independently.
  ///
  /// - Parameters:
  ///   - size: no side less than 1 or more than `maximumSide`.
  ///   - resampling: what is done. Results that are not rounded are rounded here at the end; see
  ///     `resizedToFloat(_:_:)`.
  public func resized(to size: Extent, _ resampling: Resampling = .antialiasedBilinear) -> Pixels {
    switch resampledWhole(to: size, resampling) {
    case .eightBit(let pixels): pixels
    case .float(let pixels): pixels.rounded
    }
  }

  /// The same without the last rounding, where `resampling` works in floating point.
  public func resizedToFloat(_ size: Extent, _ resampling: Resampling) -> FloatPixels {
    switch resampledWhole(to: size, resampling) {
    case .eightBit(let pixels): FloatPixels(pixels)
    case .float(let pixels): pixels
    }
  }

  /// What resampling gives: whole numbers or not.
  enum Resampled {
    case eightBit(Pixels)
    case float(FloatPixels)
  }

  private func resampledWhole(to size: Extent, _ resampling: Resampling) -> Resampled {
    precondition(
      (1...Pixels.maximumSide).contains(size.width)
        && (1...Pixels.maximumSide).contains(size.height), "a picture cannot become \(size)")
    return resampled(to: size, resampling, region: PixelRegion(all: size))
  }

  /// The pixels of `region` of the picture resized to `size`, which itself is never made and may
  /// be larger than a picture can be.
  func resampled(to size: Extent, _ resampling: Resampling, region: PixelRegion) -> Resampled {
    // All five are the identity here.
    if size == self.size { return .eightBit(cropped(to: region)) }
    return switch resampling {
    case .nearest: .eightBit(resizedNearest(to: size, region))
    case .antialiasedBilinear: .eightBit(resizedAntialiased(to: size, region))
    case .bilinear: .eightBit(resizedBilinear(to: size, region))
    case .floatBilinear: .float(resizedFloatBilinear(to: size, region))
    case .floatBilinearFromCorner: .float(resizedFloatBilinearFromCorner(to: size, region))
    }
  }
}
