public import Foundation

/// A Python that reads our files back, where there is one with the libraries.
public enum Python {
  /// Whether `python3` can import NumPy and safetensors.
  public static let isPresent = (try? run("import numpy, safetensors.numpy")) != nil
  /// The reason that a skipped test gives.
  public static let absence = "needs a python3 with numpy and safetensors in PATH"

  /// Runs a program; it finds `arguments` in `sys.argv[1:]`.
  ///
  /// - Returns: what it prints.
  public static func run(_ program: String, _ arguments: String...) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableRuntimeMismatch) }
    return data
  }
}
