internal import CNNSystem
internal import CNNTraining
internal import SystemPackage

/// Settles which pictures a run trains with and validates on, before anything is trained: bad ones
/// are found, and the split is made, or read from the lists in the folder.
struct RunSplit {
  let tuner: FineTuner
  /// Where `train.txt` and `val.txt` are, or will be.
  let folder: RunFolder
  /// The pictures of the run that is resumed; while their contents are still the same they are not
  /// decoded again. Nil for a new run.
  let known: RunManifest.Pictures?
  /// Whose the lists in the folder are.
  let lists: EarlierRun.ListOwner

  /// The two parts, whose pictures know the hashes of their contents.
  ///
  /// - Parameter report: receives the progress, and may throw to stop.
  /// - Throws: a `data` error that names bad pictures, or what has changed since the lists were
  ///   written; `cannotWrite` where lists would be replaced that no run has written.
  func settle(
    _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> (split: DataSplit, data: RunManifest.Pictures) {
    let split: DataSplit
    let hasLists = lists != .forgotten && Self.hasLists(folder.path)
    let hasGivenLists = hasLists && lists == .given
    if hasLists {
      if hasGivenLists {
        try report(
          .note("the split is that of train.txt and val.txt in \(folder.path.displayName)"))
      }
      split = try listed(hasGivenLists, report)
    } else {
      if lists == .given { try requireNoLists() }
      split = try tuner.newSplit(report)
    }
    for warning in try split.warnings() {
      try report(.warning(warning.text, warning.remedy))
    }
    return (split, try RunManifest.Pictures(split, hasGivenLists: hasGivenLists))
  }

  /// The split of the folder's lists.
  private func listed(
    _ hasGivenLists: Bool, _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> DataSplit {
    let split: DataSplit
    do throws(CNNError) {
      let read = try DataSplit(readingFrom: folder.path, classNames: tuner.training.classNames)
      try checkUnchanged(read, hasGivenLists)
      // The check of a new run hashes the pictures too.
      split = known == nil ? read : try read.hashed(threads: tuner.threads)
    } catch {
      guard error.domain == .data, let moved = try moved(report) else { throw error }
      return moved
    }
    if let known, try RunManifest.Pictures(split, hasGivenLists: hasGivenLists) == known {
      return split
    }
    let checks = try tuner.check([split.training, split.validation], report)
    let bad = checks.flatMap(\.check.bad)
    guard bad.isEmpty else { throw FineTuner.refusal(of: bad) }
    return try DataSplit(training: checks[0].usable, validation: checks[1].usable)
      .hashed(threads: tuner.threads)
  }

  /// The known pictures under other names, as they have from another working folder or after they
  /// were moved: the split that is made of them anew has the same contents. Nil where it has not.
  private func moved(
    _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> DataSplit? {
    guard let known else { return nil }
    let count = tuner.training.count + (tuner.validation?.count ?? 0)
    let isWhole = count == known.training + known.validation
    guard isWhole || tuner.options.skipsBad else { return nil }
    let split =
      isWhole
      ? try tuner.split(tuner.training, tuner.validation).hashed(threads: tuner.threads)
      : try tuner.newSplit(report)
    let data = try RunManifest.Pictures(split, hasGivenLists: known.hasGivenLists)
    return data == known ? split : nil
  }

  /// Lists will be written: files of others that are called so stay.
  private func requireNoLists() throws(CNNError) {
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
    _ split: DataSplit, _ hasGivenLists: Bool
  ) throws(CNNError) {
    func entries(_ dataSets: DataSet?...) -> [[UInt8]: Int] {
      Dictionary(
        dataSets.compactMap { $0 }.flatMap(\.pictures).map {
          ($0.source.listedPath ?? Array($0.source.name.utf8), $0.classIndex)
        }, uniquingKeysWith: { first, _ in first })
    }
    let listed = entries(split.training, split.validation)
    let there = entries(tuner.training, tuner.validation)
    let gone = listed.filter { there[$0.key] != $0.value }.map { "not there any more: " + name($0) }
    let all = tuner.training.pictures + (tuner.validation?.pictures ?? [])
    let unlisted = DataSet(
      classNames: tuner.training.classNames,
      pictures: all.filter { picture in
        listed[picture.source.listedPath ?? Array(picture.source.name.utf8)] == nil
      })
    // Nothing needs to be decoded where the lists are refused anyway.
    let bad =
      gone.isEmpty
      ? Set(
        DataCheck(of: unlisted, decoding: tuner.settings.decoding, threads: tuner.threads).bad.map(
          \.index))
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
