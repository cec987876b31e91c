public import CNNCore

/// How a picture is brought to another size, written as what is done.
///
/// Libraries mean different things by "bilinear", and weights are sensitive to it: the wrong one
/// costs up to a percent of accuracy.
public enum Resampling: String, Sendable, Hashable, Codable, CaseIterable {
  /// The source pixel under the centre of each target pixel (Pillow and Keras `nearest`).
  case nearest = "nearest"
  /// A triangle filter that is stretched by the reduction, in fixed point, rounded to 8 bits after
  /// each direction (Pillow `BILINEAR`, torchvision on pictures).
  case antialiasedBilinear = "bilinear, antialiased"
  /// The four source pixels around the centre of each target pixel, in fixed point, rounded to
  /// 8 bits (OpenCV `INTER_LINEAR` on 8-bit pictures, Caffe).
  case bilinear = "bilinear"
  /// The same in floating point, not rounded (OpenCV `INTER_LINEAR` on Float32, PyTorch
  /// `interpolate` without corner alignment).
  case floatBilinear = "bilinear, not rounded"
  /// The four source pixels around the top left corner of each target pixel, in floating point,
  /// not rounded (TensorFlow 1 `resize_images`).
  case floatBilinearFromCorner = "bilinear from corner, not rounded"
  /// The cubic kernel with a = -0.5, stretched by the reduction, in fixed point, rounded to 8 bits
  /// after each direction (Pillow `BICUBIC`; timm's and EfficientNet's weights need it).
  case antialiasedBicubic = "bicubic, antialiased"
}

extension Pixels {
  /// The picture brought to another size; the sides are scaled independently.
  ///
  /// - Parameters:
  ///   - size: no side less than 1 or more than `maximumSide`.
  ///   - resampling: what is done. Results that are not rounded are rounded at the end.
  public func resized(to size: Extent, _ resampling: Resampling = .antialiasedBilinear) -> Pixels {
    resampledWhole(to: size, resampling).rounded
  }

  /// The same without the rounding at the end, where `resampling` works in floating point.
  package func resizedToFloat(_ size: Extent, _ resampling: Resampling) -> FloatPixels {
    switch resampledWhole(to: size, resampling) {
    case .eightBit(let pixels): FloatPixels(pixels)
    case .float(let pixels): pixels
    }
  }

  /// A crop out of the picture brought to another size, of which only the crop is computed.
  ///
  /// - Parameters:
  ///   - size: what the whole picture is resized to.
  ///   - crop: height and width of the crop.
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
    return resampled(to: size, resampling, region: region).rounded
  }

  /// The result of resampling: whole numbers or not.
  enum Resampled {
    case eightBit(Pixels)
    case float(FloatPixels)

    var rounded: Pixels {
      switch self {
      case .eightBit(let pixels): pixels
      case .float(let pixels): pixels.rounded
      }
    }
  }

  private func resampledWhole(to size: Extent, _ resampling: Resampling) -> Resampled {
    precondition(
      (1...Pixels.maximumSide).contains(size.width)
        && (1...Pixels.maximumSide).contains(size.height), "a picture cannot become \(size)")
    return resampled(to: size, resampling, region: PixelRegion(all: size))
  }

  /// The pixels of `region` of the picture resized to `size`. The whole resized picture is never
  /// computed and may be larger than a picture can be.
  func resampled(to size: Extent, _ resampling: Resampling, region: PixelRegion) -> Resampled {
    // Every resampling is the identity at the same size.
    if size == self.size { return .eightBit(cropped(to: region)) }
    return switch resampling {
    case .nearest: .eightBit(resizedNearest(to: size, region))
    case .antialiasedBilinear: .eightBit(resizedAntialiased(.triangle, to: size, region))
    case .antialiasedBicubic: .eightBit(resizedAntialiased(.cubic, to: size, region))
    case .bilinear: .eightBit(resizedBilinear(to: size, region))
    case .floatBilinear: .float(resizedFloatBilinear(to: size, region))
    case .floatBilinearFromCorner: .float(resizedFloatBilinearFromCorner(to: size, region))
    }
  }
}
