package import SystemPackage

#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

extension FilePath {
  /// The path of a file URL.
  ///
  /// - Throws: `unsupported` for URLs of other schemes.
  package init(fileURL url: URL) throws(CNNError) {
    let path: FilePath? =
      url.isFileURL
      ? url.withUnsafeFileSystemRepresentation { $0.map { FilePath(platformString: $0) } } : nil
    guard let path else {
      throw CNNError(
        .usage, .unsupported, "this is no file URL", subject: url.absoluteString,
        remedy: "Fetch it first, and give the file or its bytes")
    }
    self = path
  }
}
