import CNNCore
import CNNKit
import CNNSystem
import CNNTestSupport
import CNNTraining
import Foundation
import SystemPackage
import Testing

@testable import CNNRuns

/// Whole runs on small pictures: what they learn, and above all that the bytes they end with depend
/// on nothing but their settings.
@Suite struct FineTunerTests {
  let pictures: SyntheticPictures
  let scratch: TemporaryFolder

  init() throws {
    pictures = try SyntheticPictures()
    scratch = try TemporaryFolder()
  }

  /// Settings with everything in use that has a state: momentum, plateau, patience, dropout,
  /// variants.
  static func settings(freeze: Freeze = .convolutions) throws -> FineTuningSettings {
    var settings = FineTuningSettings()
    settings.transfer = Transfer(freeze: freeze, head: ClassifierHead(widths: [24], dropout: 0.25))
    settings.epochs = 4
    settings.batchSize = 16
    settings.schedule = LearningRateSchedule(
      base: 0.02, shape: .plateau(Plateau(patience: 1)), warmupSteps: 2)
    settings.augmentation = try Augmentation(flipsHorizontally: false, colorShift: 0.1)
    settings.variants = freeze == .none ? 1 : 2
    settings.patience = 3
    settings.seed = 5
    return settings
  }

  func tuner(
    _ settings: FineTuningSettings, threads: Int? = nil, source: DataSource? = nil
  ) throws -> FineTuner {
    let source = try source ?? pictures.source
    let options = FineTuningOptions(
      threads: threads, cache: FeatureCache(folder: scratch.path("cache")))
    return FineTuner(
      network: try TransferredNetwork(
        randomFor: try CNNModel(named: "lenet5"), weightsSeed: 1, transfer: settings.transfer,
        classNames: source.training.classNames, seed: settings.seed),
      source: source, settings: settings, options: options)
  }

  func folder(_ name: String) -> RunFolder { RunFolder(scratch.path(name)) }

  static func bytes(_ path: FilePath) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path.string))
  }

  @Test func learnsAndTheFilesSayWhat() throws {
    let folder = folder("plain")
    var events: [FineTuningEvent] = []
    let result = try tuner(try Self.settings()).run(in: folder) { events.append($0) }
    #expect(result.outcome == .finished("all epochs are done"))
    let validation = try #require(result.validation)
    // 15 % of 60 pictures; the halves differ by a third of the noise's width in 392 pixels each.
    #expect(validation.count == 9)
    #expect(validation.accuracy == 1)
    let records = try TrainingLog.records(in: folder.log)
    #expect(records.count { $0.kind == .step } == 4 * 4)
    #expect(records.count { $0.kind == .epoch } == 4)
    try TensorBoard.check(folder.events, "--run")
    // The model file alone reproduces the validation, through the engine that predicts.
    let best = try ModelFile(contentsOf: folder.best)
    let epoch = try #require(records.first { $0.epoch == result.bestEpoch && $0.kind == .epoch })
    let loss = try #require(epoch.validationLoss)
    let split = try DataSplit(readingFrom: folder.path)
    let plan = InferencePlan(
      network: best.description.network, parameters: try best.parameters())
    var evaluation = Evaluation(classNames: best.description.labels.labels.map(\.name))
    for picture in split.validation.pictures {
      let input = best.description.preprocessing.apply(to: try picture.source.decode().pixels)
      evaluation.add(plan.run(input), of: [picture])
    }
    #expect(evaluation.accuracy == validation.accuracy)
    // Float32 along another order of sums: a few 1e-6 of logits of some units.
    #expect(abs(evaluation.logLoss - loss) < 1e-5 * max(1, loss))
  }

  /// Stopped after every third step, and killed in between: the log, the best and the last
  /// checkpoint are those of a run that was never stopped.
  @Test(arguments: [Freeze.convolutions, .none])
  func aStoppedRunEndsWithTheSameBytes(_ freeze: Freeze) throws {
    let settings = try Self.settings(freeze: freeze)
    let whole = folder("whole")
    _ = try tuner(settings).run(in: whole)
    let stopped = folder("stopped")
    var starts = 0
    while starts < 50 {
      starts += 1
      var steps = 0
      let result = try tuner(settings).run(
        in: stopped,
        report: { event in
          if case .step = event { steps += 1 }
        }, shouldStop: { steps >= 3 })
      if result.outcome != .stopped { break }
    }
    #expect((5...50).contains(starts))
    try expectSame(whole, stopped)
  }

  /// The same models, and the same log but for the clock.
  private func expectSame(_ whole: RunFolder, _ stopped: RunFolder) throws {
    #expect(try Self.bytes(whole.best) == Self.bytes(stopped.best))
    #expect(try Self.bytes(whole.last) == Self.bytes(stopped.last))
    func lines(_ folder: RunFolder) throws -> [LogRecord] {
      try TrainingLog.records(in: folder.log).map { record in
        var record = record
        record.seconds = 0
        return record
      }
    }
    #expect(try lines(whole) == lines(stopped))
    try TensorBoard.check(stopped.events, "--run")
  }

  /// A validation of many pictures takes long: it is stopped too, the last one included.
  @Test func aRunCanBeStoppedWhileItValidates() throws {
    let settings = try Self.settings()
    let (whole, stopped) = (folder("whole"), folder("stopped"))
    _ = try tuner(settings).run(in: whole)
    var outcomes: [FineTuningResult.Outcome] = []
    repeat {
      var (hasTrained, isStopped) = (false, false)
      let result = try tuner(settings).run(
        in: stopped,
        report: { event in
          switch event {
          case .step: hasTrained = true
          case .validating: isStopped = hasTrained
          default: break
          }
        }, shouldStop: { isStopped })
      outcomes.append(result.outcome)
    } while outcomes.last == .stopped && outcomes.count < 50
    #expect(outcomes.count == settings.epochs + 1)
    try expectSame(whole, stopped)
  }

  /// While another run computes the same features there is nothing to do but to wait, or to stop.
  @Test(.timeLimit(.minutes(5))) func aRunThatWaitsForFeaturesCanBeStopped() throws {
    _ = try tuner(try Self.settings()).run(in: folder("first"))
    let features = try #require(FeatureCache(folder: scratch.path("cache")).entries().first)
    let descriptor = try FileDescriptor.open(features.path, .readWrite)
    defer { try? descriptor.close() }
    #expect(flock(descriptor.rawValue, LOCK_EX) == 0)
    var waits = 0
    let result = try tuner(try Self.settings()).run(
      in: folder("second"),
      report: { event in
        if case .extracting = event { waits += 1 }
      }, shouldStop: { waits == 3 })
    #expect(result.outcome == .stopped)
  }

  /// What a process that was killed has left is gone when the next one ends.
  @Test func nothingIsLeftOfAKilledProcess() throws {
    let folder = folder("killed")
    try folder.create()
    let left = [
      folder.path.appending(".cnn-1-2.tmp"), folder.plots.appending(".cnn-1-3.tmp"),
      folder.events.appending("events.out.tfevents.1.host.1.0"),
    ]
    for path in left { try Data([1]).write(to: URL(fileURLWithPath: path.string)) }
    _ = try tuner(try Self.settings()).run(in: folder)
    for path in left { #expect(!FileManager.default.fileExists(atPath: path.string), "\(path)") }
  }

  @Test(arguments: [Freeze.convolutions, .none])
  func sameBytesAtAnyThreadCount(_ freeze: Freeze) throws {
    let settings = try Self.settings(freeze: freeze)
    var files: [Data] = []
    for threads in [1, 2, 4] {
      let folder = folder("threads-\(threads)")
      var tuner = try tuner(settings, threads: threads)
      // Each computes its own features.
      var options = tuner.options
      options.cache = FeatureCache(folder: scratch.path("cache-\(threads)"))
      tuner = FineTuner(
        network: tuner.network, training: tuner.training, settings: settings, options: options)
      _ = try tuner.run(in: folder)
      files.append(try Self.bytes(folder.last))
    }
    #expect(files[0] == files[1])
    #expect(files[0] == files[2])
  }

  /// What a program outside the package writes: URLs alone, and the settings in one place.
  @Test func startsFromURLs() throws {
    var settings = try Self.settings()
    let first = folder("first")
    _ = try tuner(settings).run(in: first)
    settings.seed = 6
    settings.transfer = Transfer(freeze: .convolutions)
    let (weights, data) = (
      URL(fileURLWithPath: first.best.string), URL(fileURLWithPath: pictures.path.string)
    )
    let tuner = try FineTuner(
      weights: weights, source: DataSource(at: data), settings: settings)
    let network = try TransferredNetwork(
      model: nil, weights: first.best, transfer: settings.transfer,
      classNames: pictures.source.training.classNames, seed: settings.seed)
    #expect(tuner.network.base == network.base)
    #expect(tuner.network.frozen == network.frozen)
    #expect(
      tuner.training.pictures.map(\.source.name)
        == (try pictures.source).training.pictures.map(\.source.name))
    #expect(try RunFolder(URL(fileURLWithPath: first.path.string)) == first)
    let web = try #require(URL(string: "https://example.org/pictures"))
    #expect(throws: CNNError.self) { try DataSource(at: web) }
    #expect(throws: CNNError.self) { try RunFolder(web) }
    #expect(throws: CNNError.self) {
      try FineTuner(weights: web, source: pictures.source, settings: settings)
    }
  }

  /// A checkpoint that was torn is passed over for the one before it, which leads to the same end.
  @Test func aTornCheckpointIsPassedOver() throws {
    let settings = try Self.settings()
    let folder = folder("torn")
    _ = try tuner(settings).run(in: folder)
    let last = try Self.bytes(folder.last)
    let previous = try Self.bytes(folder.previous)
    try last.prefix(last.count / 2).write(to: URL(fileURLWithPath: folder.last.string))
    var warnings: [String] = []
    var isStopped = false
    _ = try tuner(settings).run(
      in: folder,
      report: { event in
        if case .warning(let text, _) = event { warnings.append(text) }
        if case .step = event { isStopped = true }
      }, shouldStop: { isStopped })
    #expect(warnings.contains { $0.contains("the checkpoint before it is used") })
    // The torn one has not become the one before.
    #expect(try Self.bytes(folder.previous) == previous)
    _ = try tuner(settings).run(in: folder)
    #expect(try Self.bytes(folder.last) == last)
  }

  /// A checkpoint that is there and cannot be read is no new run.
  @Test func unreadableCheckpointsAreNotTakenForAbsent() throws {
    let settings = try Self.settings()
    let folder = folder("empty")
    _ = try tuner(settings).run(in: folder)
    let last = try Self.bytes(folder.last)
    try Data().write(to: URL(fileURLWithPath: folder.last.string))
    _ = try tuner(settings).run(in: folder)
    #expect(try Self.bytes(folder.last) == last)
    for path in [folder.last, folder.previous] {
      try Data().write(to: URL(fileURLWithPath: path.string))
    }
    let error = #expect(throws: CNNError.self) { try tuner(settings).run(in: folder) }
    #expect(error?.code == .empty && error?.remedy?.action == .startFresh)
  }

  @Test func anotherRunIsRefusedWithTheDifferences() throws {
    let folder = folder("other")
    _ = try tuner(try Self.settings()).run(in: folder)
    let before = try Self.bytes(folder.last)
    var settings = try Self.settings()
    settings.epochs = 9
    settings.schedule.base = 0.5
    let error = #expect(throws: CNNError.self) { try tuner(settings).run(in: folder) }
    #expect(
      error?.details == [
        "settings.epochs: 4 in the run, 9 now", "settings.schedule.base: 0.02 in the run, 0.5 now",
      ])
    #expect(try Self.bytes(folder.last) == before)
    #expect(try tuner(settings).run(in: folder, Self.fresh).outcome != .stopped)
    #expect(try TrainingLog.records(in: folder.log).last?.epoch ?? 0 > 4)
  }

  /// A run's own split is forgotten with it; one that lay there before is not.
  @Test(arguments: [false, true])
  func aFreshStartSplitsAnew(_ isGiven: Bool) throws {
    let folder = folder("fresh")
    var settings = try Self.settings()
    if isGiven {
      try folder.create()
      try DataSplit(try pictures.source.training, validationShare: 0.3, seed: 77)
        .write(to: folder.path)
    }
    func lists() throws -> [Data] {
      try ["train.txt", "val.txt"].map { try Self.bytes(folder.path.appending($0)) }
    }
    _ = try tuner(settings).run(in: folder)
    let first = try lists()
    settings.seed += 1
    settings.validationShare = 0.25
    _ = try tuner(settings).run(in: folder, Self.fresh)
    #expect(try (lists() == first) == isGiven)
    let split = try DataSplit(readingFrom: folder.path)
    // A quarter, or three tenths, of 30 pictures of each class.
    #expect(split.validation.count == (isGiven ? 18 : 15))
  }

  /// Until there is a checkpoint other settings are no other run.
  @Test func aRunThatHasNotBegunSplitsAnew() throws {
    let folder = folder("begun")
    var settings = try Self.settings()
    let stopped = try tuner(settings).run(in: folder, shouldStop: { true })
    #expect(stopped.outcome == .stopped)
    let before = try tuner(settings).run(in: self.folder("same"))
    settings.validationShare = 0.25
    let after = try tuner(settings).run(in: folder)
    #expect(before.validation?.count == 9)
    #expect(after.validation?.count == 15)
  }

  private static let fresh = RunFolder.Options(startsFresh: true)

  /// The earlier run is there until the new one can begin.
  @Test func aFreshStartThatFailsLosesNothing() throws {
    let folder = folder("kept")
    let settings = try Self.settings()
    _ = try tuner(settings).run(in: folder)
    func files() throws -> [String: Data] {
      try Dictionary(
        uniqueKeysWithValues: Folder.files(below: folder.path, domain: .output).map {
          ($0.string, try Self.bytes($0))
        })
    }
    let before = try files()
    try pictures.folder.write([1, 2, 3], to: "pictures/left.99.png")
    #expect(throws: CNNError.self) { try tuner(settings).run(in: folder, Self.fresh) }
    try FileManager.default.removeItem(atPath: pictures.path.appending("left.99.png").string)
    let stopped = try tuner(settings).run(in: folder, Self.fresh, shouldStop: { true })
    #expect(stopped.outcome == .stopped && stopped.steps == 0)
    #expect(try files() == before)
    #expect(try tuner(settings).run(in: folder).steps == 16)
  }

  /// Without its record nobody knows how a run split; a fresh start does it anew.
  @Test(arguments: [true, false])
  func aFreshStartNeedsNoRecord(_ isDamaged: Bool) throws {
    let folder = folder("lost")
    var settings = try Self.settings()
    _ = try tuner(settings).run(in: folder)
    if isDamaged {
      try Data("{".utf8).write(to: URL(fileURLWithPath: folder.manifest.string))
    } else {
      try FileManager.default.removeItem(atPath: folder.manifest.string)
    }
    #expect(throws: CNNError.self) { try tuner(settings).run(in: folder) }
    settings.validationShare = 0.25
    #expect(try tuner(settings).run(in: folder, Self.fresh).validation?.count == 15)
    #expect(try RunManifest(contentsOf: folder.manifest)?.data.hasGivenLists == false)
  }

  @Test(arguments: ["train.txt", "classes.txt"])
  func filesOfOthersAreNotReplaced(_ name: String) throws {
    let folder = folder("foreign")
    try folder.create()
    let path = folder.path.appending(name)
    try Data("mine".utf8).write(to: URL(fileURLWithPath: path.string))
    let error = #expect(throws: CNNError.self) { try tuner(try Self.settings()).run(in: folder) }
    #expect(error?.code == .cannotWrite && error?.subject?.hasSuffix(name) == true)
    #expect(try Self.bytes(path) == Data("mine".utf8))
  }

  /// A run would replace the weights that it begins with.
  @Test func weightsInTheFolderOfTheRunAreRefused() throws {
    let folder = folder("own")
    let settings = try Self.settings()
    _ = try tuner(settings).run(in: folder)
    let best = try Self.bytes(folder.best)
    let again = FineTuner(
      network: try TransferredNetwork(
        model: nil, weights: folder.best, transfer: Transfer(freeze: .none),
        classNames: pictures.source.training.classNames, seed: 1),
      source: try pictures.source, settings: try Self.settings(freeze: .none),
      options: try tuner(settings).options)
    let error = #expect(throws: CNNError.self) { try again.run(in: folder, Self.fresh) }
    #expect(error?.domain == .usage && error?.problem.contains("replace") == true)
    #expect(try Self.bytes(folder.best) == best)
    // Elsewhere its training goes on: the classes are the same.
    #expect(again.network.keepsAllWeights)
    var notes: [String] = []
    _ = try again.run(in: self.folder("elsewhere"), Self.fresh) { event in
      if case .note(let text) = event { notes.append(text) }
    }
    #expect(notes.contains { $0.contains("no layer is new") })
  }

  @Test func aLostBestModelIsSeenAtOnce() throws {
    let folder = folder("best")
    let settings = try Self.settings()
    var steps = 0
    _ = try tuner(settings).run(
      in: folder,
      report: { event in
        if case .step = event { steps += 1 }
      }, shouldStop: { steps >= 6 })
    try FileManager.default.removeItem(atPath: folder.best.string)
    let error = #expect(throws: CNNError.self) { try tuner(settings).run(in: folder) }
    #expect(error?.code == .notFound && error?.remedy?.action == .startFresh)
  }

  /// Neighbours beyond what a Double tells apart.
  @Test func otherSeedsAreOtherRuns() throws {
    var settings = try Self.settings()
    settings.seed = 1 << 53
    let folder = folder("seeds")
    _ = try tuner(settings).run(in: folder)
    settings.seed += 1
    let error = #expect(throws: CNNError.self) { try tuner(settings).run(in: folder) }
    #expect(
      error?.details == ["settings.seed: 9007199254740992 in the run, 9007199254740993 now"])
  }

  /// What would be asked for and never happen is refused.
  @Test func augmentationThatChangesNothingIsRefused() throws {
    var unseen = try Self.settings()
    unseen.variants = 1
    var unused = try Self.settings(freeze: .none)
    unused.variants = 4
    for settings in [unseen, unused] {
      let error = #expect(throws: CNNError.self) { try tuner(settings).run(in: folder("none")) }
      #expect(error?.domain == .usage && error?.found?.contains("variant") == true)
    }
    #expect(!FileManager.default.fileExists(atPath: folder("none").path.string))
  }

  @Test func otherPicturesAreRefused() throws {
    let folder = folder("data")
    let settings = try Self.settings()
    _ = try tuner(settings).run(in: folder)
    let removed = pictures.path.appending("left.3.png")
    try FileManager.default.removeItem(atPath: removed.string)
    let gone = #expect(throws: CNNError.self) { try tuner(settings).run(in: folder) }
    #expect(gone?.domain == .data)
    // The lists name a picture that is not there.
    #expect(gone?.details.contains { $0.contains("left.3.png") } == true)
    try pictures.folder.write(
      Data(contentsOf: URL(fileURLWithPath: pictures.path.appending("left.4.png").string)),
      to: "pictures/left.3.png")
    let changed = #expect(throws: CNNError.self) { try tuner(settings).run(in: folder) }
    #expect(changed?.details.contains { $0.hasPrefix("data: pictures") } == true)
  }

  /// A bad picture is found before a feature is computed, and left out where that is wanted.
  @Test func badPicturesAreFoundFirst() throws {
    try pictures.folder.write([1, 2, 3], to: "pictures/left.99.png")
    let settings = try Self.settings()
    var extracted = false
    let error = #expect(throws: CNNError.self) {
      try tuner(settings).run(in: folder("bad")) { event in
        if case .extracting = event { extracted = true }
      }
    }
    #expect(error?.details.contains { $0.contains("left.99.png") } == true)
    #expect(!extracted)
    var options = try tuner(settings).options
    options.skipsBad = true
    let skipping = FineTuner(
      network: try tuner(settings).network, source: try pictures.source, settings: settings,
      options: options)
    var notes: [String] = []
    let result = try skipping.run(in: folder("skipping")) { event in
      if case .note(let text) = event { notes.append(text) }
    }
    #expect(result.validation?.count == 9)
    #expect(notes.contains { $0.hasPrefix("1 bad picture") })
    // The next start knows that it was left out.
    #expect(try skipping.run(in: folder("skipping")).outcome != .stopped)
  }

  @Test func aSecondRunInAFolderIsRefused() throws {
    let folder = folder("locked")
    var second: CNNError?
    _ = try tuner(try Self.settings()).run(in: folder) { event in
      guard case .starting = event else { return }
      do {
        _ = try tuner(try Self.settings()).run(in: folder)
      } catch {
        second = error as? CNNError
      }
    }
    #expect(second?.problem == "another process is training in this folder")
  }

  /// A rate that explodes: the step is named, and the last checkpoint holds finite weights.
  @Test func endlessLossStopsBeforeTheUpdate() throws {
    var settings = try Self.settings()
    settings.schedule = LearningRateSchedule(base: 1e18)
    let folder = folder("nan")
    let error = #expect(throws: CNNError.self) { try tuner(settings).run(in: folder) }
    #expect(error?.code == .notFinite)
    #expect(error?.problem.contains("step ") == true)
    #expect(error?.details.contains { $0.contains(".png") } == true)
  }

  @Test func endsWhereItIsTold() throws {
    var target = try Self.settings()
    target.targetAccuracy = 0.5
    target.epochs = 50
    let reached = try tuner(target).run(in: folder("target"))
    #expect(reached.outcome == .finished("the target accuracy is reached"))
    var patient = try Self.settings()
    patient.patience = 1
    patient.epochs = 50
    // Nothing improves at a rate of almost nothing.
    patient.schedule = LearningRateSchedule(base: 1e-30)
    let folder = folder("patience")
    let ended = try tuner(patient).run(in: folder)
    #expect(ended.outcome == .finished("validation has stopped to improve"))
    #expect(ended.bestEpoch == 1)
    #expect(try TrainingLog.records(in: folder.log).last?.epoch == 3)
  }

  /// One epoch is always made; a later start has no more time than the first one.
  @Test func aTimeBudgetHoldsForAllStartsTogether() throws {
    var options = try tuner(try Self.settings()).options
    options.timeBudget = 1e-6
    let folder = folder("budget")
    let short = FineTuner(
      network: try tuner(try Self.settings()).network, source: try pictures.source,
      settings: try Self.settings(), options: options)
    for _ in 1...2 {
      let result = try short.run(in: folder)
      #expect(result.outcome == .outOfTime)
      #expect(result.bestEpoch == 1 && result.validation?.count == 9)
      #expect(try TrainingLog.records(in: folder.log).last?.epoch == 1)
    }
  }
}
