internal import SystemPackage

/// Lines on their way to a descriptor such as standard output, in large pieces; what cannot be written
/// is an error and not lost in silence.
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

  /// Hands everything to the system. Throws `cannotWrite`.
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
