import CNNPlatform
import ArgumentParser
import CNNSystem

/// The exit statuses that the command promises.
enum ExitStatus: Int32 {
  case done = 0
  case someInputsFailed = 1
  case wrongUsage = 2
  case weightsRefused = 3
  case dataRefused = 4
  case cannotWrite = 5

  init(_ domain: CNNError.Domain) {
    self =
      switch domain {
      case .usage: .wrongUsage
      case .picture: .someInputsFailed
      case .weights: .weightsRefused
      case .data: .dataRefused
      case .output: .cannotWrite
      }
  }

  /// Prints `error`, or the help that was asked for, and ends the process.
  static func leave(with error: any Error, of command: any ParsableCommand.Type) -> Never {
    if let error = error as? CNNError {
      Diagnostics.report(error)
      exit(ExitStatus(error.domain).rawValue)
    }
    let message = command.fullMessage(for: error)
    let code = command.exitCode(for: error)
    if code == .success {
      var output = LineWriter.standardOutput
      do throws(CNNError) {
        try output.writeLine(message)
        try output.flush()
      } catch {
        Diagnostics.report(error)
        exit(ExitStatus.cannotWrite.rawValue)
      }
      exit(ExitStatus.done.rawValue)
    }
    if !message.isEmpty {
      let isError = message.hasPrefix("Error: ")
      Diagnostics.write(isError ? "cnn: error: " + message.dropFirst(7) : message)
    }
    exit(code == .validationFailure ? ExitStatus.wrongUsage.rawValue : code.rawValue)
  }
}
