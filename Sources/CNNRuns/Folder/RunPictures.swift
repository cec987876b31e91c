internal import CNNSystem
internal import CNNTraining
internal import SystemPackage

/// Settles which pictures a run trains with and validates on, before anything is trained: bad ones
/// are found, and the split is made, or read from the lists in the folder.
struct RunPictures {
  let source: DataSource
  let settings: FineTuningSettings
  /// Whether bad pictures are left out rather than refused.
  let skipsBad: Bool
  let threads: Int

  /// The two parts.
  ///
  /// - Parameters:
  ///   - folder: where `train.txt` and `val.txt` are, or will be.
  ///   - known: the data of the run that is continued; pictures whose contents are still the same
  ///     are not decoded again.
  ///   - lists: whose the lists in the folder are.
  ///   - report: hears of the progress.
  /// - Throws: a `data` error that names bad pictures, or what has changed since the lists were
  ///   written; `cannotWrite` where lists would be replaced that no run has written.
  func settle(
    in folder: RunFolder, known: RunManifest.Pictures?, lists: EarlierRun.Lists,
    _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> (split: DataSplit, data: RunManifest.Pictures) {
    let contents: SplitContents
    let hasLists = lists != .forgotten && Self.hasLists(folder.path)
    let hasGivenLists = hasLists && lists == .given
    if hasLists {
      if hasGivenLists {
        try report(
          .note("the split is that of train.txt and val.txt in \(folder.path.displayName)"))
      }
      contents = try listed(in: folder, known, hasGivenLists, report)
    } else {
      if lists == .given { try requireNoLists(in: folder) }
      contents = try SplitContents(try newSplit(report), threads: threads)
    }
    for warning in contents.warnings { try report(.warning(warning)) }
    return (contents.split, contents.manifest(hasGivenLists: hasGivenLists))
  }

  /// The split of the folder's lists.
  private func listed(
    in folder: RunFolder, _ known: RunManifest.Pictures?, _ hasGivenLists: Bool,
    _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> SplitContents {
    let contents: SplitContents
    do throws(CNNError) {
      let split = try DataSplit(
        readingFrom: folder.path, classNames: source.training.classNames)
      try checkUnchanged(split, folder, hasGivenLists)
      contents = try SplitContents(split, threads: threads)
    } catch {
      guard error.domain == .data, let moved = try moved(known, report) else { throw error }
      return moved
    }
    if contents.manifest(hasGivenLists: hasGivenLists) != known {
      let bad = try check([contents.split.training, contents.split.validation], report)
        .flatMap(\.bad)
      guard bad.isEmpty else { throw Self.refusal(bad) }
    }
    return contents
  }

  /// The known pictures under other names, as they have from another working folder or after they
  /// were moved: the split that is made of them anew has the same contents. Nil where it has not.
  private func moved(
    _ known: RunManifest.Pictures?, _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> SplitContents? {
    guard let known else { return nil }
    let count = source.training.count + (source.validation?.count ?? 0)
    let isWhole = count == known.training + known.validation
    guard isWhole || skipsBad else { return nil }
    let contents = try SplitContents(
      isWhole ? try split(source.training, source.validation) : try newSplit(report),
      threads: threads)
    return contents.manifest(hasGivenLists: known.hasGivenLists) == known ? contents : nil
  }

  /// The split of the pictures that can be decoded.
  private func newSplit(
    _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> DataSplit {
    let usable = try usable([source.training] + [source.validation].compactMap { $0 }, report)
    return try split(usable[0], usable.count > 1 ? usable[1] : nil)
  }

  private func split(
    _ training: DataSet, _ validation: DataSet?
  ) throws(CNNError) -> DataSplit {
    if let validation { return DataSplit(training: training, validation: validation) }
    return try DataSplit(
      training, validationShare: settings.validationShare, seed: settings.seed)
  }

  /// The pictures of each data set that can be decoded.
  private func usable(
    _ dataSets: [DataSet], _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> [DataSet] {
    let checks = try check(dataSets, report)
    let bad = checks.flatMap(\.bad)
    guard !bad.isEmpty else { return dataSets }
    guard skipsBad else { throw Self.refusal(bad) }
    let shown = CNNError.details(of: bad.map { "\($0.picture): \($0.message)" })
    let subject = bad.count == 1 ? "1 bad picture is" : "\(bad.count) bad pictures are"
    try report(.note("\(subject) left out: \(shown.joined(separator: "; "))"))
    return zip(checks, dataSets).map { $0.leavingOutBad(of: $1) }
  }

  /// Looks at every picture of some data sets, which is one job for those who watch.
  private func check(
    _ dataSets: [DataSet], _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> [DataCheck] {
    let total = dataSets.reduce(0) { $0 + $1.count }
    var done = 0
    var stopped: CNNError?
    var checks: [DataCheck] = []
    for dataSet in dataSets {
      checks.append(
        DataCheck(of: dataSet, decoding: settings.decoding, threads: threads) { count in
          done += count
          do throws(CNNError) {
            try report(.checking(done: done, total: total))
          } catch {
            stopped = stopped ?? error
          }
        })
      if let stopped { throw stopped }
    }
    return checks
  }

  private static func refusal(_ bad: [PictureFinding]) -> CNNError {
    CNNError(
      .data, .badPictures, "there are pictures that cannot be trained with",
      found: "\(bad.count) bad",
      remedy: CNNError.Remedy("Mend or remove them, or leave them out", action: .skipBadPictures),
      details: CNNError.details(of: bad.map { "\($0.picture): \($0.message)" }))
  }

  /// Lists will be written: files of others that are called so stay.
  private func requireNoLists(in folder: RunFolder) throws(CNNError) {
    guard let list = folder.lists.first(where: Folder.isFile) else { return }
    throw CNNError(
      .output, .cannotWrite, "the run would replace a file that is not its own",
      subject: list.displayName,
      remedy: CNNError.Remedy(
        "Name another run folder, or give it both train.txt and val.txt",
        action: .nameAnotherRunFolder))
  }

  private static func hasLists(_ folder: FilePath) -> Bool {
    [DataSplit.trainingListName, DataSplit.validationListName].allSatisfy {
      (try? InputFile(folder.appending($0), domain: .data)) != nil
    }
  }

  /// Compares the lists of the folder with the pictures that are there now. Pictures that are not
  /// listed were left out as bad, or are new.
  private func checkUnchanged(
    _ split: DataSplit, _ folder: RunFolder, _ hasGivenLists: Bool
  ) throws(CNNError) {
    func entries(_ dataSets: DataSet?...) -> [[UInt8]: Int] {
      Dictionary(
        dataSets.compactMap { $0 }.flatMap(\.pictures).map {
          ($0.source.listedPath ?? Array($0.source.name.utf8), $0.classIndex)
        }, uniquingKeysWith: { first, _ in first })
    }
    let listed = entries(split.training, split.validation)
    let there = entries(source.training, source.validation)
    let gone = listed.filter { there[$0.key] != $0.value }.map { "not there any more: " + name($0) }
    let all = source.training.pictures + (source.validation?.pictures ?? [])
    let unlisted = DataSet(
      classNames: source.training.classNames,
      pictures: all.filter { picture in
        listed[picture.source.listedPath ?? Array(picture.source.name.utf8)] == nil
      })
    // Nothing needs to be decoded where the lists are refused anyway.
    let bad =
      gone.isEmpty
      ? Set(DataCheck(of: unlisted, decoding: settings.decoding, threads: threads).bad.map(\.index))
      : []
    let new = unlisted.pictures.indices.filter { !bad.contains($0) }
      .map { "new: \(unlisted.pictures[$0].source.name)" }
    guard gone.isEmpty, new.isEmpty else {
      throw CNNError(
        .data, .mismatch, "the pictures are not those that the run's lists name",
        subject: folder.path.displayName,
        found: "\(gone.count) of them are gone or of another class, \(new.count) are new",
        remedy: hasGivenLists
          ? CNNError.Remedy(
            "Name another run folder, or mend train.txt and val.txt", action: .nameAnotherRunFolder)
          : CNNError.Remedy(
            "Name another run folder, or start the run anew", action: .leaveEarlierRun),
        details: CNNError.details(of: gone.sorted() + new))
    }
  }

  private func name(_ entry: (key: [UInt8], value: Int)) -> String {
    FilePath(bytes: entry.key).displayName
  }
}
