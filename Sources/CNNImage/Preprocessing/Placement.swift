internal import CNNCore

/// Where the pixels of one picture come to lie in the input: its size after the resize, the region
/// of that which the crop keeps, and the place of the region in the input.
struct Placement {
  let resized: Extent
  let region: PixelRegion
  /// Rows of black above the region; not 0 only where the resized picture is lower than the crop.
  let top: Int
  /// Columns of black left of it.
  let left: Int

  init(_ preprocessing: Preprocessing, picture: Extent) {
    switch preprocessing.resize {
    case .squash(let size): resized = size
    case .shortSide(let length):
      // torchvision: the longer side is int(length * long / short).
      resized =
        picture.width <= picture.height
        ? Extent(height: length * picture.height / picture.width, width: length)
        : Extent(height: length, width: length * picture.width / picture.height)
    }
    let crop = preprocessing.centreCrop ?? resized
    let rows = Self.centred(crop.height, in: resized.height)
    let columns = Self.centred(crop.width, in: resized.width)
    region = PixelRegion(rows: rows.kept, columns: columns.kept)
    (top, left) = (rows.before, columns.before)
  }

  /// What a centre crop of `length` keeps of `size` elements, and how many it adds before them:
  /// torchvision's `center_crop`, which rounds halves to even numbers when it cuts and down when it
  /// pads.
  private static func centred(_ length: Int, in size: Int) -> (kept: Range<Int>, before: Int) {
    guard size >= length else { return (0..<size, (length - size) / 2) }
    let start = Int((Double(size - length) / 2).rounded(.toNearestOrEven))
    return (start..<start + length, 0)
  }
}
