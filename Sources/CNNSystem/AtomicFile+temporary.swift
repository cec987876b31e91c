internal import CNNPlatform
package import SystemPackage

extension AtomicFile {
  private static let namePrefix = ".cnn-"
  private static let nameSuffix = ".tmp"

  /// A name that no other file has, for one that is about to get its own.
  package static var temporaryName: String {
    "\(namePrefix)\(getpid())-\(UInt32.random(in: 0 ... .max))\(nameSuffix)"
  }

  /// Removes temporary files from a folder in which no other process writes: those of processes
  /// that were killed right before a file got its name.
  ///
  /// - Throws: `unreadable`; `cannotWrite` where one stays.
  package static func removeAbandoned(in folder: FilePath) throws(CNNError) {
    for name in try Folder.names(in: folder, domain: .output) {
      guard name.starts(with: namePrefix.utf8),
        name.reversed().starts(with: nameSuffix.utf8.reversed())
      else { continue }
      try Folder.remove(folder.appending(FilePath(bytes: name).components))
    }
  }
}
