internal import CNNImage
internal import CNNCore
internal import CNNTraining

/// One picture of a report: a thumbnail and what the network said.
struct ReportPicture: Sendable {
  /// What the network said about the picture.
  let picture: EvaluatedPicture
  /// A small JPEG; nil where the picture could not be read again.
  let thumbnail: [UInt8]?

  /// The shorter side of a thumbnail, in pixels.
  private static let thumbnailSide = 176

  /// A picture of a report.
  ///
  /// - Parameter pixels: the picture at any size.
  init(_ picture: EvaluatedPicture, pixels: Pixels?) {
    self.picture = picture
    thumbnail = pixels.map { Self.reduced($0).jpeg(quality: 82) }
  }

  /// Pictures of an evaluation, decoded from their data set.
  ///
  /// - Parameters:
  ///   - pictures: of an evaluation on `dataSet`; one that cannot be decoded has no thumbnail.
  static func all(
    _ pictures: [EvaluatedPicture], in dataSet: DataSet,
    decoding: DecodingOptions = DecodingOptions()
  ) -> [ReportPicture] {
    let wanted = Set(pictures.map(\.name))
    let sources = dataSet.pictures.map(\.source).filter { wanted.contains($0.name) }
    let byName = Dictionary(sources.map { ($0.name, $0) }) { first, _ in first }
    return pictures.map { picture in
      ReportPicture(picture, pixels: try? byName[picture.name]?.decode(decoding).pixels)
    }
  }

  private static func reduced(_ pixels: Pixels) -> Pixels {
    let short = min(pixels.width, pixels.height)
    guard short > thumbnailSide else { return pixels }
    // A panorama's longer side is limited, because no more of it is shown.
    func length(_ side: Int) -> Int { min(4 * thumbnailSide, side * thumbnailSide / short) }
    return pixels.resized(to: Extent(height: length(pixels.height), width: length(pixels.width)))
  }
}
