internal import CNNSystem

/// Arrays of a `.npz` file: a zip archive with a `.npy` member for each.
enum NPZFile {
  static let memberSuffix = ".npy"

  /// Reads the headers of all members and none of the elements.
  ///
  /// - Parameter checksum: whether elements must match the archive's checksum at their first use.
  /// - Throws: like `NPYFile`, with the name of the member.
  static func read(
    _ archive: ZipArchive, checksum: ZipMember.ChecksumPolicy
  ) throws(CNNError) -> FileContents {
    var contents = FileContents()
    for member in archive.members {
      guard member.name.hasSuffix(memberSuffix) else {
        contents.ignored.append(
          NamedArrays.IgnoredEntry(name: member.name, reason: "not a .npy member"))
        continue
      }
      let name = String(member.name.dropLast(memberSuffix.count))
      let array: FileContents
      do {
        array = try NPYFile.read(member, name: name, checksum: checksum)
      } catch {
        var named = error
        named.problem = "array \(name.printable): " + error.problem
        throw named
      }
      contents.arrays += array.arrays
      contents.ignored += array.ignored
    }
    return contents
  }
}
