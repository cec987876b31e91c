internal import CNNSystem
internal import CNNTraining
internal import SystemPackage

/// `log.csv`, a line a step and a line an epoch, for `tail -f`, spreadsheets and plots.
///
/// Each line is in the file when `append(_:)` returns. A run that is resumed from a checkpoint
/// keeps the lines up to there: later steps will be done again, and half a line of a process that
/// was killed is no line.
struct TrainingLog: ~Copyable {
  private let file: AppendedFile

  /// The largest log that is read back, in bytes.
  private static let maximumSize = 1 << 30

  /// Begins a log, in place of one that is there.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - records: what was logged before and still holds.
  /// - Throws: `cannotWrite`.
  init(_ path: FilePath, keeping records: [LogRecord] = []) throws(CNNError) {
    var start = try AtomicFile(path)
    try start.write((CSVLine.text(LogRecord.titles) + "\n").utf8)
    for record in records { try start.write((CSVLine.text(record.cells) + "\n").utf8) }
    try start.commit()
    file = try AppendedFile(path)
  }

  /// Writes a line. Throws `cannotWrite`.
  func append(_ record: LogRecord) throws(CNNError) {
    try file.append(Array((CSVLine.text(record.cells) + "\n").utf8))
  }

  /// The lines of a log; none where there is no such file. What is no whole line is left out.
  ///
  /// - Throws: a `data` error where the file cannot be read.
  static func records(in path: FilePath) throws(CNNError) -> [LogRecord] {
    let bytes: [UInt8]
    do {
      bytes = try InputFile(path, domain: .data).read(limit: maximumSize).array
    } catch {
      if error.code == .notFound || error.code == .empty { return [] }
      throw error
    }
    // A line without its end may have lost the last digits of a number.
    let end = bytes.lastIndex(of: 0x0A) ?? bytes.startIndex
    return bytes[..<end].split(separator: 0x0A).compactMap { line in
      LogRecord(
        cells: String(decoding: line, as: UTF8.self)
          .split(separator: ",", omittingEmptySubsequences: false).map(String.init))
    }
  }
}

/// A file that only grows. Every piece is given to the system at once, so a killed process loses
/// nothing that was appended.
struct AppendedFile: ~Copyable {
  private let path: FilePath
  private let descriptor: FileDescriptor

  /// Opens a file for appending, and creates it where it is missing.
  ///
  /// - Throws: `cannotWrite`.
  init(_ path: FilePath) throws(CNNError) {
    self.path = path
    do {
      descriptor = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .append, .closeOnExec],
        permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite], retryOnInterrupt: true)
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  deinit { try? descriptor.close() }

  /// Appends `bytes`. Throws `cannotWrite`, also for a full disk.
  func append(_ bytes: [UInt8]) throws(CNNError) {
    do {
      _ = try descriptor.writeAll(bytes)
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }
}
