internal import CNNSystem
internal import CNNTraining

/// What a folder says about the run that lies there, if one does.
struct EarlierRun: Sendable {
  /// Whose the lists of the split in the folder are.
  enum ListOwner {
    /// They were there before any run: they decide the split.
    case given
    /// The run made them, and still uses them.
    case own
    /// A run made them that is to be forgotten, or that has no checkpoint yet and would be split in
    /// another way now.
    case forgotten
  }

  private let folder: RunFolder
  private let startsFresh: Bool
  /// What the run was started with; nil where there is none, or where its record is lost and it is
  /// to be forgotten anyway.
  private let manifest: RunManifest?

  /// Reads the record of a folder. Precondition: it is locked.
  ///
  /// - Throws: a `data` error where the record cannot be read or is missing beside checkpoints,
  ///   unless the run `startsFresh`.
  init(in folder: RunFolder, startsFresh: Bool) throws(CNNError) {
    self.folder = folder
    self.startsFresh = startsFresh
    do throws(CNNError) {
      manifest = try RunManifest(contentsOf: folder.manifest)
    } catch {
      guard startsFresh else { throw error }
      manifest = nil
    }
    guard manifest == nil, hasCheckpoints, !startsFresh else { return }
    throw CNNError(
      .data, .notFound, "the record of what the run was started with is missing",
      subject: folder.manifest.displayName, found: "checkpoints without it",
      remedy: CNNError.Remedy(
        "Put the file back, name another run folder, or start the run anew",
        action: .leaveEarlierRun))
  }

  private var hasCheckpoints: Bool { !folder.checkpoints.isEmpty }

  /// The pictures of the run that is resumed; nil for a new one.
  var pictures: RunManifest.Pictures? { startsFresh ? nil : manifest?.data }

  /// Whose the lists are for a run with `settings`.
  func lists(_ settings: FineTuningSettings) -> ListOwner {
    guard let manifest else {
      // Those beside a run whose record is lost were its own.
      return folder.isOne || hasCheckpoints ? .forgotten : .given
    }
    if manifest.data.hasGivenLists { return .given }
    if startsFresh { return .forgotten }
    // Without a checkpoint nothing depends on the split yet.
    return hasCheckpoints || manifest.settings.splitsLike(settings) ? .own : .forgotten
  }

  /// Refuses to resume a run as another one.
  func require(_ now: RunManifest) throws(CNNError) {
    guard let manifest, hasCheckpoints else { return }
    let differences = manifest.differences(to: now)
    guard !differences.isEmpty else { return }
    throw CNNError(
      .usage, .mismatch, "the folder holds another run", subject: folder.path.displayName,
      remedy: CNNError.Remedy(
        "Start it as it was, name another run folder, or start the run anew",
        action: .leaveEarlierRun),
      details: differences)
  }
}
