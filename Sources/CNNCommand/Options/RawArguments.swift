import CNNPlatform
import ArgumentParser
import CNNSystem
import SystemPackage

/// The command line as bytes.
///
/// File names on Linux are bytes, and the parser takes Strings. A byte that is not part of valid
/// UTF-8 travels through it as one scalar of a private plane and comes out again in
/// `PathArgument`.
enum RawArguments {
  private static let plane: UInt32 = 0x10_FF00

  /// All arguments behind the command's name.
  static func encoded() -> [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { start in
        encode(UnsafeRawBufferPointer(start: start, count: strlen(start)))
      }
    }
  }

  private static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var scalars = String.UnicodeScalarView()
    for byte in bytes {
      let value = byte < 0x80 ? UInt32(byte) : plane + UInt32(byte)
      if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
    }
    return String(scalars)
  }

  /// The bytes that `text` came from.
  static func decode(_ text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar -> [UInt8] in
      guard (plane + 0x80...plane + 0xFF).contains(scalar.value) else {
        return Array(String(scalar).utf8)
      }
      return [UInt8(scalar.value - plane)]
    }
  }
}

/// A path on the command line, of any bytes.
struct PathArgument: ExpressibleByArgument {
  let path: FilePath

  init?(argument: String) {
    let bytes = RawArguments.decode(argument)
    guard !bytes.isEmpty, !bytes.contains(0) else { return nil }
    path = FilePath(bytes: bytes)
  }
}
