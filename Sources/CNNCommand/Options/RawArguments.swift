import CNNPlatform
import ArgumentParser
import CNNSystem
import SystemPackage

/// The command line as bytes.
///
/// File names on Linux are bytes, and the parser takes Strings. A byte that is not part of valid
/// UTF-8 passes through it as one scalar of a private plane, and `PathArgument` turns it back.
enum RawArguments {
  private static let plane: UInt32 = 0x10_FF00

  /// All arguments after the command's name.
  static func encoded() -> [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { start in
        encode(UnsafeRawBufferPointer(start: start, count: strlen(start)))
      }
    }
  }

  /// Refuses arguments that the parser would misread without a word.
  ///
  /// It reads `-dash.jpg` as the flags -d, -a, -s and -h, and prints the help for the last of them;
  /// and an address such as `https://...` loses a slash as a path.
  ///
  /// - Throws: a `ValidationError` that says what to write instead.
  static func check(_ arguments: [String]) throws {
    for argument in arguments {
      if let scheme = webSchemes.first(where: { argument.lowercased().hasPrefix($0 + "://") }) {
        throw ValidationError(
          "\(argument.printable) is an address on the web (\(scheme)): download the file first, and "
            + "name it")
      }
    }
    for argument in arguments.prefix(while: { $0 != "--" }) {
      let letters = argument.dropFirst()
      guard argument.hasPrefix("-"), letters.count > 1, let first = letters.first, first.isLetter,
        letters.dropFirst().first != "=", !letters.allSatisfy(shortFlags.contains)
      else { continue }
      throw ValidationError(
        "\(argument.printable) is no flag: flags of more than one letter begin with two dashes. For "
          + "a file of that name, write ./\(argument.printable)")
    }
  }

  private static let webSchemes = ["http", "https", "ftp", "s3", "gs"]
  /// The one-letter flags of all verbs.
  private static let shortFlags: Set<Character> = ["h", "o", "q"]

  private static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var scalars = String.UnicodeScalarView()
    for byte in bytes {
      let value = byte < 0x80 ? UInt32(byte) : plane + UInt32(byte)
      if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
    }
    return String(scalars)
  }

  /// The bytes that `text` was made from.
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

extension FilePath {
  /// The path in results that programs read: the name itself, with line breaks and all, which JSON
  /// and CSV can quote. Bytes that are not UTF-8 have no place there; then it is `displayName`.
  var exactName: String {
    withPlatformString { start in
      let bytes = UnsafeRawBufferPointer(start: start, count: length)
      return String(validating: bytes, as: UTF8.self)
    } ?? displayName
  }
}
