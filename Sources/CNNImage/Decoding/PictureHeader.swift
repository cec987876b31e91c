package import CNNSystem
package import SystemPackage

/// What the header of a picture file states, read without decoding the file.
///
/// A good header does not mean a good picture: the pixels may be cut or damaged.
package struct PictureHeader: Sendable, Hashable {
  /// The format that the content shows.
  package let format: PictureFormat
  /// Columns as stored, before `orientation` is applied.
  package let width: Int
  /// Rows as stored, before `orientation` is applied.
  package let height: Int
  /// Components of a stored pixel: 1 is grey or an index into a palette, 2 grey with alpha, 3
  /// colour, 4 colour with alpha or, in a JPEG, CMYK.
  package let components: Int
  /// Bits of a component, 1 to 16.
  package let bitsPerComponent: Int
  /// How the stored pixels have to be turned; `up` where the file does not say.
  package let orientation: Orientation

  /// Reads the header of a file.
  ///
  /// - Throws: as `PictureDecoder.decode(_:)` for what the header shows.
  package init(of path: FilePath) throws(CNNError) {
    let file = try InputFile(path, domain: .picture)
    let bytes = try file.read(limit: PictureDecoder.maximumFileSize)
    do {
      try self.init(of: bytes)
    } catch {
      throw error.about(path.displayName)
    }
  }

  /// Reads the header of an encoded picture.
  package init(of bytes: Bytes) throws(CNNError) {
    format = try PictureFormat(of: bytes)
    let structure = try PictureStructure(bytes, format)
    guard let frame = structure.frame else {
      throw CNNError(
        .picture, .truncated, "the \(format.rawValue) has no frame header",
        remedy: "Fetch or copy the file again")
    }
    (width, height) = (frame.width, frame.height)
    (components, bitsPerComponent) = (frame.components, frame.bitsPerComponent)
    orientation = structure.orientation
  }
}
