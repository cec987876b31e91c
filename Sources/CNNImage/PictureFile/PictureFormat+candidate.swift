internal import CNNSystem
public import SystemPackage

extension PictureFormat {
  /// Endings by which a file claims to be a picture, also of formats that are not read here: who
  /// has such a file in a folder of pictures wants to hear about it.
  private static let extensions: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "heic", "heif", "avif", "bmp", "tif",
    "tiff", "jp2", "jxl",
  ]

  /// Whether a file found in a folder is to be treated as a picture: its name claims it, or its
  /// first bytes are those of a JPEG or PNG. Lists and other files beside the pictures are neither.
  public static func isCandidate(_ path: FilePath) -> Bool {
    if let name = path.extension?.lowercased(), extensions.contains(name) { return true }
    guard
      let file = try? InputFile(path, domain: .picture),
      let start = try? file.read(first: pngSignature.count)
    else { return false }
    return (try? PictureFormat(of: start)) != nil
  }
}
