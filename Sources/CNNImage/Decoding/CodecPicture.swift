internal import CNNCodecs
internal import CNNSystem

/// Owns the result of a C decoder and makes pixels, warnings and errors of it.
struct CodecPicture: ~Copyable {
  private let format: PictureFormat
  private let picture: UnsafeMutablePointer<cnn_picture>?

  /// Decodes a file of any format but BMP.
  ///
  /// - Returns: the pixels as stored, and what is wrong with the file although it was decoded.
  /// - Throws: what the decoder reported; a truncation only unless the options allow it.
  static func decode(
    _ bytes: Bytes, _ format: PictureFormat, _ options: DecodingOptions
  ) throws(CNNError) -> (pixels: Pixels, warnings: [String]) {
    let codec = CodecPicture(bytes, format, options)
    return (try codec.pixels(options), codec.warnings)
  }

  private init(_ bytes: Bytes, _ format: PictureFormat, _ options: DecodingOptions) {
    self.format = format
    let limit = UInt64(max(0, options.maximumPixels))
    let side = UInt32(clamping: options.scaledSide ?? 0)
    picture = bytes.withUnsafeBytes { buffer in
      let start = buffer.bindMemory(to: UInt8.self).baseAddress
      return Self.withBackground(options.background) { background in
        switch format {
        case .jpeg: cnn_decode_jpeg(start, buffer.count, limit, side)
        case .png: cnn_decode_png(start, buffer.count, limit, background)
        case .webP: cnn_decode_webp(start, buffer.count, limit, background)
        case .gif: cnn_decode_gif(start, buffer.count, limit, background)
        case .bmp: preconditionFailure("BMP has a decoder of its own")
        }
      }
    }
  }

  private static func withBackground<Result>(
    _ color: RGBColor?, _ body: (UnsafePointer<UInt8>?) -> Result
  ) -> Result {
    guard let color else { return body(nil) }
    return body([color.red, color.green, color.blue])
  }

  deinit { cnn_picture_free(picture) }

  private func pixels(_ options: DecodingOptions) throws(CNNError) -> Pixels {
    guard let result = picture?.pointee else { throw Self.outOfMemory }
    let isAccepted =
      result.status == cnn_decode_complete
      || result.status == cnn_decode_truncated && options.allowsTruncated
    guard isAccepted, let start = result.pixels else {
      throw error(result, maximumPixels: options.maximumPixels)
    }
    let (width, height) = (Int(result.width), Int(result.height))
    let buffer = UnsafeBufferPointer(start: start, count: 3 * width * height)
    return Pixels(uncheckedWidth: width, height: height, bytes: Array(buffer))
  }

  /// What is wrong with the file although it was decoded, a sentence each.
  private var warnings: [String] {
    guard let result = picture?.pointee else { return [] }
    var warnings: [String] = []
    if result.status == cnn_decode_truncated {
      warnings.append("the \(format.rawValue) ends too early: \(extent(result)) decoded")
    }
    if result.end_missing { warnings.append("the \(format.rawValue)'s end marker is missing") }
    if result.warning_count > 0 {
      let first = String(cString: result.warning)
      let more = result.warning_count > 1 ? " (and \(result.warning_count - 1) more)" : ""
      warnings.append("the \(format.rawValue) is damaged: \(first)\(more)")
    }
    return warnings
  }

  private func error(_ result: cnn_picture, maximumPixels: Int) -> CNNError {
    let message = String(cString: result.message)
    let (width, height) = (Int(result.width), Int(result.height))
    switch result.status {
    case cnn_decode_truncated:
      return .endsTooEarly(format, extent: extent(result), isUsable: result.height > 0)
    case cnn_decode_too_many_pixels:
      return .tooManyPixels(width, height, limit: maximumPixels)
    case cnn_decode_side_too_long:
      return .sideTooLong(width, height, limit: Int(result.maximum_side))
    case cnn_decode_too_many_scans:
      return CNNError(
        .picture, .tooLarge, "the JPEG has too many scans",
        expected: "at most \(cnn_maximum_scans); ordinary files have about 10")
    case cnn_decode_unsupported:
      return CNNError(
        .picture, .unsupported, "this kind of \(format.rawValue) is not supported: \(message)",
        remedy: "Save it anew as an 8-bit \(format.rawValue)")
    case cnn_decode_out_of_memory: return Self.outOfMemory
    default: return .damaged(format, message)
    }
  }

  /// `38 % of the rows`. Rounded down, so that a cut file never has 100 %.
  private func extent(_ result: cnn_picture) -> String {
    guard result.height > 0 else { return "none of the rows" }
    let percent = Int(result.rows) * 100 / Int(result.height)
    return result.scan > 1
      ? "all rows, but coarsely (up to scan \(result.scan))" : "\(percent) % of the rows"
  }

  private static var outOfMemory: CNNError {
    CNNError(.picture, .tooLarge, "there is not enough memory for this picture")
  }
}
