internal import CNNSystem

/// The errors that decoders of all formats share.
extension CNNError {
  /// - Parameters:
  ///   - extent: how much was decoded, such as `38 % of the rows`.
  ///   - isUsable: whether that can be used.
  static func endsTooEarly(
    _ format: PictureFormat, extent: String, isUsable: Bool
  ) -> CNNError {
    CNNError(
      .picture, .truncated, "the \(format.rawValue) ends too early", found: extent,
      expected: "the whole picture",
      remedy: isUsable ? CNNError.Remedy(fetch, action: .allowTruncated) : CNNError.Remedy(fetch))
  }

  static func damaged(_ format: PictureFormat, _ problem: String) -> CNNError {
    CNNError(
      .picture, .corrupt, "the \(format.rawValue) is damaged: \(problem)",
      remedy: CNNError.Remedy(fetch))
  }

  static func tooManyPixels(_ width: Int, _ height: Int, limit: Int) -> CNNError {
    CNNError(
      .picture, .tooManyPixels, "the picture has too many pixels", found: "\(width)x\(height)",
      expected: "at most \(limit)",
      remedy: CNNError.Remedy(
        "Make it smaller, or allow more pixels where you trust it", action: .raisePixelLimit))
  }

  static func sideTooLong(_ width: Int, _ height: Int, limit: Int) -> CNNError {
    CNNError(
      .picture, .tooLarge, "the picture is too wide or too high", found: "\(width)x\(height)",
      expected: "at most \(limit) pixels a side", remedy: "Make it smaller")
  }

  private static let fetch = "Fetch or copy the file again"
}
