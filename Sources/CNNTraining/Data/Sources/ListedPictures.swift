internal import CNNSystem
internal import SystemPackage

/// Finds the pictures that a list names.
///
/// A list may have been written for the folder one stands in (`data/train/cat.0.jpg`) or for its
/// own folder (`cat.0.jpg`): that under which fewer pictures are missing is taken, for all lines.
struct ListedPictures {
  private let names: [[UInt8]]
  private let folders: [FilePath]

  init(_ names: [[UInt8]], list: FilePath) {
    self.names = names
    let own = list.removingLastComponent()
    folders = own.isEmpty ? [own] : [FilePath(), own]
  }

  /// The source of each picture, after `report` has been called with the lines (by position) whose
  /// pictures are missing.
  func sources(
    reportingMissing report: ([Int]) throws(CNNError) -> Void
  ) throws(CNNError) -> [PictureSource] {
    var best: (sources: [PictureSource?], missing: [Int])?
    for folder in folders {
      let sources = try sources(in: folder)
      let missing = sources.indices.filter { sources[$0] == nil }
      if missing.count < best?.missing.count ?? .max { best = (sources, missing) }
      if missing.isEmpty { break }
    }
    guard let best else { return [] }
    try report(best.missing)
    return best.sources.compactMap { $0 }
  }

  private func sources(in folder: FilePath) throws(CNNError) -> [PictureSource?] {
    var idxFiles: [FilePath: IDXPictures] = [:]
    var sources: [PictureSource?] = []
    for name in names {
      let path = folder.pushing(FilePath(bytes: name))
      if Self.exists(path) {
        sources.append(.file(path))
      } else if let (file, index) = Self.idxPicture(name, folder), Self.exists(file) {
        let pictures = try idxFiles[file].or { () throws(CNNError) in try IDXPictures(file) }
        idxFiles[file] = pictures
        sources.append(index < pictures.count ? pictures[index] : nil)
      } else {
        sources.append(nil)
      }
    }
    return sources
  }

  /// The file and the position that `file#12` stands for.
  private static func idxPicture(_ name: [UInt8], _ folder: FilePath) -> (FilePath, Int)? {
    guard
      let mark = name.lastIndex(of: UInt8(ascii: "#")),
      let index = Int(String(decoding: name[(mark + 1)...], as: UTF8.self)), index >= 0
    else { return nil }
    return (folder.pushing(FilePath(bytes: name[..<mark])), index)
  }

  /// Whether something is there. What it is shows when it is decoded.
  private static func exists(_ path: FilePath) -> Bool {
    do {
      _ = try InputFile(path, domain: .data)
      return true
    } catch {
      return error.code != .notFound
    }
  }
}
