internal import CNNCodecs
internal import CNNSystem

/// Owns the result of a C decoder and makes pixels, warnings and errors of it.
struct CodecPicture: ~Copyable {
  private let format: PictureFormat
  private let picture: UnsafeMutablePointer<cnn_picture>?

  init(decoding bytes: Bytes, _ format: PictureFormat, _ options: DecodingOptions) {
    self.format = format
    let limit = UInt64(max(0, options.maximumPixels))
    picture = bytes.withUnsafeBytes { buffer in
      let start = buffer.bindMemory(to: UInt8.self).baseAddress
      switch format {
      case .jpeg: return cnn_decode_jpeg(start, buffer.count, limit)
      case .png:
        guard let color = options.background else {
          return cnn_decode_png(start, buffer.count, limit, nil)
        }
        return cnn_decode_png(start, buffer.count, limit, [color.red, color.green, color.blue])
      }
    }
  }

  deinit { cnn_picture_free(picture) }

  /// The pixels as stored.
  ///
  /// - Throws: what the decoder reported; a truncation only unless the options allow it.
  func pixels(_ options: DecodingOptions) throws(CNNError) -> Pixels {
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
  var warnings: [String] {
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
    let fetch: CNNError.Remedy = "Fetch or copy the file again"
    let message = String(cString: result.message)
    let name = format.rawValue
    switch result.status {
    case cnn_decode_truncated:
      // What could be decoded is of use only where there is some.
      let isUsable = result.height > 0
      return CNNError(
        .picture, .truncated, "the \(name) ends too early", found: extent(result),
        expected: "the whole picture",
        remedy: isUsable ? CNNError.Remedy(fetch.text, action: .allowTruncated) : fetch)
    case cnn_decode_too_many_pixels:
      return CNNError(
        .picture, .tooManyPixels, "the picture has too many pixels",
        found: "\(result.width)x\(result.height)", expected: "at most \(maximumPixels)",
        remedy: CNNError.Remedy(
          "Make it smaller, or allow more pixels where you trust it", action: .raisePixelLimit))
    case cnn_decode_side_too_long:
      return CNNError(
        .picture, .tooLarge, "the picture is too wide or too high",
        found: "\(result.width)x\(result.height)",
        expected: "at most \(result.maximum_side) pixels a side", remedy: "Make it smaller")
    case cnn_decode_too_many_scans:
      return CNNError(
        .picture, .tooLarge, "the JPEG has too many scans",
        expected: "at most \(cnn_maximum_scans); ordinary files have about 10")
    case cnn_decode_unsupported:
      return CNNError(
        .picture, .unsupported, "this kind of \(name) is not supported: \(message)",
        remedy: "Save it anew as an 8-bit \(name)")
    case cnn_decode_out_of_memory: return Self.outOfMemory
    default:
      return CNNError(.picture, .corrupt, "the \(name) is damaged: \(message)", remedy: fetch)
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
