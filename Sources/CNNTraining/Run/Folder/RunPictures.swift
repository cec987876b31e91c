internal import CNNImage
internal import CNNSystem
internal import SystemPackage

/// Settles which pictures a run trains with and validates on, before anything is trained: bad ones
/// are found, the split is made once and read again by every later start.
struct RunPictures {
  let source: DataSource
  let settings: FineTuningSettings
  /// Whether bad pictures are left out rather than refused.
  let skipsBad: Bool
  let decoding: DecodingOptions
  let threads: Int

  /// The two parts.
  ///
  /// - Parameters:
  ///   - folder: where `train.txt` and `val.txt` are, or will be.
  ///   - known: the data of the run that is continued; pictures whose contents are still the same
  ///     are not decoded again.
  ///   - report: hears of the progress.
  /// - Throws: a `data` error that names bad pictures, or what has changed since the lists were
  ///   written.
  func settle(
    in folder: RunFolder, known: RunManifest.Pictures?,
    _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> (split: DataSplit, data: RunManifest.Pictures) {
    if Self.hasLists(folder.path) {
      let split = try DataSplit(
        readingFrom: folder.path, classNames: source.training.classNames)
      try checkUnchanged(split, folder)
      let data = try manifest(of: split)
      if data != known { try refuseBad(of: split.training, split.validation, report: report) }
      return (split, data)
    }
    let split: DataSplit
    if let validation = source.validation {
      split = DataSplit(
        training: try usable(source.training, report), validation: try usable(validation, report))
    } else {
      split = try DataSplit(
        try usable(source.training, report), validationShare: settings.validationShare,
        seed: settings.seed)
    }
    if (split.training.pictures + split.validation.pictures)
      .allSatisfy({ $0.source.listedPath != nil })
    {
      try split.write(to: folder.path)
    }
    return (split, try manifest(of: split))
  }

  /// The pictures that can be decoded.
  private func usable(
    _ dataSet: DataSet, _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> DataSet {
    let check = try check(dataSet, report)
    guard !check.bad.isEmpty else { return dataSet }
    guard skipsBad else { throw Self.refusal(check.bad) }
    let shown = CNNError.details(of: check.bad.map { "\($0.picture): \($0.message)" })
    try report(
      .note("\(check.bad.count) bad pictures are left out: \(shown.joined(separator: "; "))"))
    return check.leavingOutBad(of: dataSet)
  }

  private func refuseBad(
    of dataSets: DataSet..., report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) {
    for dataSet in dataSets {
      let check = try check(dataSet, report)
      guard check.bad.isEmpty else { throw Self.refusal(check.bad) }
    }
  }

  private func check(
    _ dataSet: DataSet, _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> DataCheck {
    var done = 0
    var stopped: CNNError?
    let check = DataCheck(of: dataSet, decoding: decoding, threads: threads) { count in
      done += count
      do throws(CNNError) {
        try report(.checking(done: done, total: dataSet.count))
      } catch {
        stopped = stopped ?? error
      }
    }
    if let stopped { throw stopped }
    return check
  }

  private static func refusal(_ bad: [PictureFinding]) -> CNNError {
    CNNError(
      .data, .corrupt, "there are pictures that cannot be trained with",
      found: "\(bad.count) bad", remedy: "Mend or remove them, or pass --skip-bad",
      details: CNNError.details(of: bad.map { "\($0.picture): \($0.message)" }))
  }

  private static func hasLists(_ folder: FilePath) -> Bool {
    [DataSplit.trainingListName, DataSplit.validationListName].allSatisfy {
      (try? InputFile(folder.appending($0), domain: .data)) != nil
    }
  }

  /// Compares the lists of the folder with the pictures that are there now. Pictures that are not
  /// listed were left out as bad, or are new.
  private func checkUnchanged(_ split: DataSplit, _ folder: RunFolder) throws(CNNError) {
    func entries(_ dataSets: DataSet?...) -> [[UInt8]: Int] {
      Dictionary(
        dataSets.compactMap { $0 }.flatMap(\.pictures).map {
          ($0.source.listedPath ?? Array($0.source.name.utf8), $0.classIndex)
        }, uniquingKeysWith: { first, _ in first })
    }
    let listed = entries(split.training, split.validation)
    let there = entries(source.training, source.validation)
    let gone = listed.filter { there[$0.key] != $0.value }.map { "not there any more: " + name($0) }
    let unlisted = source.training.selecting(
      source.training.pictures.indices.filter { index in
        let source = source.training.pictures[index].source
        return listed[source.listedPath ?? Array(source.name.utf8)] == nil
      })
    let bad = Set(DataCheck(of: unlisted, decoding: decoding, threads: threads).bad.map(\.index))
    let new = unlisted.pictures.indices.filter { !bad.contains($0) }
      .map { "new: \(unlisted.pictures[$0].source.name)" }
    guard gone.isEmpty, new.isEmpty else {
      throw CNNError(
        .data, .mismatch, "the pictures are not those that the run's lists name",
        subject: folder.path.displayName,
        found: "\(gone.count) of them are gone or of another class, \(new.count) are new",
        remedy: "Name another folder with --run, or remove train.txt and val.txt and pass --fresh",
        details: CNNError.details(of: gone.sorted() + new))
    }
  }

  private func name(_ entry: (key: [UInt8], value: Int)) -> String {
    FilePath(bytes: entry.key).displayName
  }

  private func manifest(of split: DataSplit) throws(CNNError) -> RunManifest.Pictures {
    let pictures = split.training.pictures + split.validation.pictures
    let hashes = Workers.map(count: pictures.count, threads: threads) { index in
      Result { () throws(CNNError) in
        "\(pictures[index].classIndex) \(try pictures[index].source.contentHash())"
      }
    }
    var lines: [String] = []
    for hash in hashes { lines.append(try hash.get()) }
    return RunManifest.Pictures(
      training: split.training.count, validation: split.validation.count,
      classes: split.training.classNames,
      fingerprint: ContentHash(of: Array(lines.joined(separator: "\n").utf8)).description)
  }
}
