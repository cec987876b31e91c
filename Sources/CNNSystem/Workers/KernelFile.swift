internal import CNNPlatform

/// The small text files in which the Linux kernel tells about a process.
package enum KernelFile {
  /// The whole text; nil where there is no such file, as on other systems.
  ///
  /// These files say that they have no bytes, so they are read to their end.
  package static func text(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = read(descriptor, &block, block.count)
      guard count > 0 else { return count == 0 ? String(decoding: text, as: UTF8.self) : nil }
      text += block[..<count]
    }
  }
}
