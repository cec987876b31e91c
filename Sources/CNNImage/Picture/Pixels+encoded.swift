internal import CNNCodecs

extension Pixels {
  /// The picture as a PNG file: 8-bit RGB, lossless.
  public var png: [UInt8] {
    encoded { cnn_encode_png($0, UInt32(width), UInt32(height)) }
  }

  /// The picture as a baseline JPEG file, for thumbnails.
  ///
  /// - Parameter quality: 1 to 100, libjpeg's scale.
  package func jpeg(quality: Int = 85) -> [UInt8] {
    precondition((1...100).contains(quality), "JPEG has no quality \(quality)")
    return encoded { cnn_encode_jpeg($0, UInt32(width), UInt32(height), Int32(quality)) }
  }

  private func encoded(
    _ encode: (UnsafePointer<UInt8>?) -> UnsafeMutablePointer<cnn_encoded>?
  ) -> [UInt8] {
    let result = bytes.withUnsafeBufferPointer { encode($0.baseAddress) }
    defer { cnn_encoded_free(result) }
    // Sizes are checked when pixels are made, so the encoders only fail where memory runs out.
    guard let result, let start = result.pointee.bytes else {
      fatalError("out of memory: a picture of \(width)x\(height) pixels could not be encoded")
    }
    return Array(UnsafeBufferPointer(start: start, count: result.pointee.count))
  }
}
