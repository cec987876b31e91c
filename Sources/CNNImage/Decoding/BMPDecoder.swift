internal import CNNSystem

/// Decodes the pixels of a BMP.
///
/// Rows that a cut file lacks stay black, or get the background where the picture has alpha.
struct BMPDecoder {
  private let header: BMPHeader
  private var reader: ByteReader
  /// RGB of all pixels, or RGBA where alpha is to be composited; rows from the top.
  private var bytes: [UInt8]
  private let bytesPerPixel: Int
  /// Stored rows that are complete.
  private var rows = 0

  /// Decodes a file.
  ///
  /// - Returns: the pixels as stored, and what is wrong with the file although it was decoded.
  /// - Throws: `tooLarge` and `tooManyPixels` before anything is allocated; `corrupt`,
  ///   `unsupported`, and `truncated` unless the options allow it.
  static func decode(
    _ file: Bytes, _ options: DecodingOptions
  ) throws(CNNError) -> (pixels: Pixels, warnings: [String]) {
    let header = try BMPHeader(file)
    let (width, height) = (header.width, header.height)
    guard width > 0, height > 0 else { throw .damaged(.bmp, "it has no pixels") }
    guard max(width, height) <= Pixels.maximumSide else {
      throw .sideTooLong(width, height, limit: Pixels.maximumSide)
    }
    guard width * height <= options.maximumPixels else {
      throw .tooManyPixels(width, height, limit: options.maximumPixels)
    }
    guard header.pixelOffset <= file.count else {
      throw .endsTooEarly(.bmp, extent: "none of the rows", isUsable: false)
    }
    var decoder = try BMPDecoder(file, header, compositesAlpha: options.background != nil)
    decoder.decodeRows()
    var warnings: [String] = []
    if decoder.rows < height {
      let extent = "\(decoder.rows * 100 / height) % of the rows"
      guard options.allowsTruncated else {
        throw .endsTooEarly(.bmp, extent: extent, isUsable: true)
      }
      warnings.append("the BMP ends too early: \(extent) decoded")
    }
    return (decoder.pixels(background: options.background), warnings)
  }

  private init(
    _ file: Bytes, _ header: BMPHeader, compositesAlpha: Bool
  ) throws(CNNError) {
    self.header = header
    reader = ByteReader(file, domain: .picture)
    try reader.seek(to: header.pixelOffset)
    bytesPerPixel = compositesAlpha && header.components == 4 ? 4 : 3
    bytes = [UInt8](repeating: 0, count: bytesPerPixel * header.width * header.height)
  }

  /// Decodes as many rows as there are.
  private mutating func decodeRows() {
    switch header.storage {
    case .indices: forEachRow { decoder, row, target in decoder.writeIndices(row, at: target) }
    case .channels(let red, let green, let blue, let alpha):
      let channels = [red, green, blue] + (bytesPerPixel == 4 ? [alpha].compactMap { $0 } : [])
      forEachRow { decoder, row, target in decoder.writeChannels(row, channels, at: target) }
    case .runs8: decodeRuns(bits: 8)
    case .runs4: decodeRuns(bits: 4)
    }
  }

  private func pixels(background: RGBColor?) -> Pixels {
    guard bytesPerPixel == 4, let background else {
      return Pixels(uncheckedWidth: header.width, height: header.height, bytes: bytes)
    }
    return Pixels(
      uncheckedWidth: header.width, height: header.height, rgba: bytes, background: background)
  }

  // MARK: Whole rows

  /// Calls `write` with each stored row and the offset of its first pixel in `bytes`.
  private mutating func forEachRow(
    _ write: (inout BMPDecoder, _ row: [UInt8], _ target: Int) -> Void
  ) {
    // The padding of the last row is often missing.
    let usedSize = (header.width * header.bitsPerPixel + 7) / 8
    while rows < header.height, reader.remaining >= usedSize {
      guard let row = try? reader.read(count: min(header.rowSize, reader.remaining)) else { return }
      // A copy, because an array checks its bounds in optimised builds too.
      write(&self, row.array, offset(ofStoredRow: rows))
      rows += 1
    }
  }

  /// Where a row of the file begins in `bytes`. Rows are usually stored from the bottom.
  private func offset(ofStoredRow row: Int) -> Int {
    bytesPerPixel * header.width * (header.isTopDown ? row : header.height - 1 - row)
  }

  private mutating func writeIndices(_ row: [UInt8], at target: Int) {
    let bits = header.bitsPerPixel
    let mask = 1 << bits - 1
    for column in 0..<header.width {
      let bit = column * bits
      let index = Int(row[bit / 8]) >> (8 - bits - bit % 8) & mask
      write(header.palette[index], at: target + 3 * column)
    }
  }

  private mutating func writeChannels(
    _ row: [UInt8], _ channels: [BMPHeader.Channel], at target: Int
  ) {
    let size = header.bitsPerPixel / 8
    for column in 0..<header.width {
      var pixel: UInt32 = 0
      for byte in 0..<size { pixel |= UInt32(row[column * size + byte]) << UInt32(8 * byte) }
      for (index, channel) in channels.enumerated() {
        bytes[target + bytesPerPixel * column + index] = channel.byte(of: pixel)
      }
    }
  }

  private mutating func write(_ color: RGBColor, at offset: Int) {
    bytes[offset] = color.red
    bytes[offset + 1] = color.green
    bytes[offset + 2] = color.blue
  }

  // MARK: Runs

  /// Decodes runs of indices (RLE8 and RLE4). Pixels that the runs pass over have index 0.
  private mutating func decodeRuns(bits: Int) {
    for pixel in 0..<header.width * header.height { write(header.palette[0], at: 3 * pixel) }
    var column = 0
    do throws(CNNError) {
      while rows < header.height {
        let count = try Int(reader.readByte())
        let value = try reader.readByte()
        switch (count, value) {
        case (0, 0):
          rows += 1
          column = 0
        case (0, 1):
          rows = header.height
        case (0, 2):
          // A step that leaves the row goes on in the next one, as in Pillow.
          column += try Int(reader.readByte())
          rows += try Int(reader.readByte()) + column / header.width
          column %= header.width
        case (0, _):
          let indices = try reader.read(count: (Int(value) * bits + 7) / 8).array
          // Runs begin at even offsets.
          if indices.count % 2 == 1 { try reader.skip(1) }
          writeRun(Int(value), bits, indices, &column)
        default:
          writeRun(count, bits, [value], &column)
        }
      }
    } catch {
      // The markers of the end may be missing after a complete row.
      if column == header.width { rows += 1 }
    }
    rows = min(rows, header.height)
  }

  /// Writes a run into the current row; what does not fit is left out.
  ///
  /// - Parameter indices: packed indices, which are repeated where they are fewer than `count`.
  private mutating func writeRun(
    _ count: Int, _ bits: Int, _ indices: [UInt8], _ column: inout Int
  ) {
    let perByte = 8 / bits
    for position in 0..<min(count, header.width - column) {
      let byte = Int(indices[position / perByte % indices.count])
      let index = bits == 8 ? byte : byte >> (position % 2 == 0 ? 4 : 0) & 0xF
      write(header.palette[index], at: offset(ofStoredRow: rows) + 3 * (column + position))
    }
    column = min(column + count, header.width)
  }
}
