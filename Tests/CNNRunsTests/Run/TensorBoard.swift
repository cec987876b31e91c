import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// TensorBoard's own reader, where it is installed.
enum TensorBoard {
  /// Expects that it reads a folder of event files, and finds there what the options say; see
  /// `Scripts/check_events.py`.
  static func check(_ folder: FilePath, _ options: String...) throws {
    let script = TestData.packageFolder.appendingPathComponent("Scripts/check_events.py").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", script, folder.string] + options
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus == 77 || process.terminationStatus == 127 {
      print("event files: not read back, for TensorBoard is not installed")
    } else {
      #expect(process.terminationStatus == 0)
    }
  }
}
