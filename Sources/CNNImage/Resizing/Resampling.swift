/// How a picture is brought to another size, written as what is done.
///
/// Four libraries mean four different things by "bilinear", and weights are sensitive to it: the
/// wrong one costs up to a percent of accuracy.
public enum Resampling: String, Sendable, Hashable, Codable, CaseIterable {
  /// The source pixel under the centre of each target pixel (Pillow and Keras `nearest`).
  case nearest = "nearest"
  /// Triangle filter as wide as the reduction, in fixed point, rounded to 8 bits after each
  /// direction (Pillow `BILINEAR`, torchvision on pictures).
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
}
