public import CNNSystem
public import SystemPackage

/// `log.csv`, a line a step and a line an epoch, for `tail -f`, spreadsheets and plots.
///
/// Each line is in the file when `append(_:)` returns. A run that is resumed from a checkpoint
/// goes on where the checkpoint stands: lines of later steps, which will be done again, are cut,
/// and so is half a line of a process that was killed.
public struct TrainingLog: ~Copyable {
  private let file: AppendedFile

  /// The largest log that is read back, in bytes.
  private static let maximumSize = 1 << 30

  /// Begins a log, or goes on with it.
  ///
  /// - Parameters:
  ///   - path: the file; an older one is replaced unless the run is resumed.
  ///   - lastStep: the step of the checkpoint from which the run goes on; nil begins anew.
  /// - Throws: `cannotWrite`; a `data` error where an existing log cannot be read.
  public init(_ path: FilePath, resumingAfter lastStep: Int? = nil) throws(CNNError) {
    let kept = try lastStep.map { (step) throws(CNNError) in
      try Self.records(in: path).filter { $0.step <= step }
    }
    var start = try AtomicFile(path)
    try start.write((CSVLine.text(LogRecord.titles) + "\n").utf8)
    for record in kept ?? [] { try start.write((CSVLine.text(record.cells) + "\n").utf8) }
    try start.commit()
    file = try AppendedFile(path)
  }

  /// Writes a line. Throws `cannotWrite`.
  public func append(_ record: LogRecord) throws(CNNError) {
    try file.append(Array((CSVLine.text(record.cells) + "\n").utf8))
  }

  /// The lines of a log; none where there is no such file. What is no whole line is left out.
  ///
  /// - Throws: a `data` error where the file cannot be read.
  public static func records(in path: FilePath) throws(CNNError) -> [LogRecord] {
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
