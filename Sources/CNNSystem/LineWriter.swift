internal import SystemPackage

/// Writes lines to a descriptor such as standard output, many at a time. What cannot be written is an
/// error, where `print` would lose it silently.
public struct LineWriter: Sendable {
  private let descriptor: FileDescriptor
  private let name: String
  private var buffer: [UInt8] = []
  private static let capacity = 1 << 16

  /// A writer to standard output.
  public static var standardOutput: LineWriter {
    LineWriter(descriptor: .standardOutput, name: "standard output")
  }

  /// Appends `line` and a line break. Throws `cannotWrite`.
  public mutating func writeLine(_ line: String) throws(CNNError) {
    buffer += line.utf8
    buffer.append(0x0A)
    if buffer.count >= Self.capacity { try flush() }
  }

  /// Writes all lines that are still buffered. Throws `cannotWrite`.
  public mutating func flush() throws(CNNError) {
    defer { buffer.removeAll(keepingCapacity: true) }
    guard !buffer.isEmpty else { return }
    do {
      _ = try descriptor.writeAll(buffer)
    } catch {
      throw CNNError(
        .output, .cannotWrite, "the results could not be written: \(error)", subject: name)
    }
  }
}

/// Lines of comma-separated values, as RFC 4180 has them.
package enum CSVLine {
  /// The cells as one line, without its end.
  package static func text(_ cells: [String]) -> String {
    cells.map(quoted).joined(separator: ",")
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
    return "\""
      + cell.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}
