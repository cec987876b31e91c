import CNNCore
import CNNImage
import CNNKit
import CNNRuns
import CNNSystem
import CNNTestSupport
import CNNTraining
import Foundation
import Synchronization
import SystemPackage
import Testing

/// Trainings of a program: without a folder, on pictures of its own, off the cooperative pool.
@Suite struct FineTunerInMemoryTests {
  let pictures: SyntheticPictures
  let scratch: TemporaryFolder

  init() throws {
    pictures = try SyntheticPictures()
    scratch = try TemporaryFolder()
  }

  private var cache: FeatureCache { FeatureCache(folder: scratch.path("cache")) }

  private func tuner(
    _ training: DataSet, validation: DataSet? = nil,
    settings: FineTuningSettings? = nil, cache: FeatureCache? = nil,
    custom: CustomAugmentation? = nil
  ) throws -> FineTuner {
    let settings = try settings ?? FineTunerTests.settings()
    return FineTuner(
      network: try TransferredNetwork(
        randomFor: try CNNModel(named: "lenet5"), weightsSeed: 1, transfer: settings.transfer,
        classNames: training.classNames, seed: settings.seed),
      training: training, validation: validation, settings: settings,
      options: FineTuningOptions(cache: cache), customAugmentation: custom)
  }

  private func bits(_ network: PretrainedNetwork?) throws -> [[UInt32]] {
    let network = try #require(network)
    return network.network.parameters.map {
      network.parameters[$0.name].tensor().elements.map(\.bitPattern)
    }
  }

  /// The same data set with other sources under the same names.
  private func replacing(
    _ dataSet: DataSet, _ source: (PictureSource) throws -> PictureSource
  ) rethrows -> DataSet {
    DataSet(
      classNames: dataSet.classNames,
      pictures: try dataSet.map {
        LabelledPicture(try source($0.source), classIndex: $0.classIndex)
      })
  }

  private static func bytes(of source: PictureSource) throws -> [UInt8] {
    guard case .file(let path) = source else { throw CocoaError(.fileNoSuchFile) }
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path.string)))
  }

  /// In memory, with and without a cache, a training makes the bits that it makes in a folder.
  @Test(arguments: [Freeze.convolutions, .none])
  func theSameBitsWithoutAFolder(_ freeze: Freeze) throws {
    var settings = try FineTunerTests.settings(freeze: freeze)
    settings.featureStorage = freeze == .none ? .float32 : .float16
    let training = try pictures.source.training
    let folder = RunFolder(scratch.path("run"))
    let stored = try tuner(training, settings: settings, cache: cache).run(in: folder)
    let expected = try bits(PretrainedNetwork(weights: folder.best))
    for cache in [cache, nil] {
      let tuned = try tuner(training, settings: settings, cache: cache).run()
      #expect(try bits(tuned.best) == expected)
      #expect(tuned.result.validation == stored.validation)
      #expect(tuned.result.bestEpoch == stored.bestEpoch && tuned.result.steps == stored.steps)
      let records = try folder.records()
      #expect(tuned.records.map(\.loss) == records.map(\.loss))
      #expect(tuned.records.map(\.gradientNorm) == records.map(\.gradientNorm))
      // What is written is a whole model.
      try tuned.write(to: scratch.url("tuned.safetensors"))
      let read = try PretrainedNetwork(weights: scratch.path("tuned.safetensors"))
      #expect(try bits(read) == expected)
      #expect(read.labels.labels.map(\.name) == ["left", "right"])
    }
  }

  /// Bytes in memory, pixels, and pictures that are loaded when they are needed train as files do.
  @Test func picturesComeFromAnywhere() throws {
    let files = try pictures.source.training
    let expected = try bits(tuner(files).run().best)
    let name = { (source: PictureSource) in source.name }
    let others = [
      try replacing(files) { .encoded(Bytes(copying: try Self.bytes(of: $0)), name: name($0)) },
      try replacing(files) { .pixels(try $0.decode().pixels, name: name($0)) },
      replacing(files) { file in
        .loaded(LoadedPicture(name: name(file), identity: name(file)) { try Self.bytes(of: file) })
      },
      replacing(files) { file in
        .loaded(LoadedPicture(name: name(file), identity: name(file)) { try file.decode().pixels })
      },
    ]
    for other in others { #expect(try bits(tuner(other, cache: cache).run().best) == expected) }
    // A folder's run of such pictures is resumed as one of files is.
    let folder = RunFolder(scratch.path("loaded"))
    var steps = 0
    let first = try tuner(others[2], cache: cache).run(
      in: folder,
      report: { event in
        if case .step = event { steps += 1 }
      }, shouldStop: { steps >= 3 })
    #expect(first.outcome == .stopped && first.steps == 3)
    _ = try tuner(others[2], cache: cache).run(in: folder)
    #expect(try bits(PretrainedNetwork(weights: folder.best)) == expected)
  }

  /// A first training loads each picture for the check and for its features; with the features in
  /// the cache only the check is left.
  @Test func eachPictureIsLoadedTwice() throws {
    let files = try pictures.source.training
    let loads = Counter()
    let loaded = replacing(files) { file in
      .loaded(
        LoadedPicture(name: file.name, identity: file.name) {
          loads.add(file.name)
          return try Self.bytes(of: file)
        })
    }
    var settings = try FineTunerTests.settings()
    settings.augmentation = .none
    settings.variants = 1
    _ = try tuner(loaded, settings: settings, cache: cache).run()
    #expect(loads.counts.count == files.count)
    #expect(loads.counts.values.allSatisfy { $0 == 2 })
    _ = try tuner(loaded, settings: settings, cache: cache).run()
    #expect(loads.counts.values.allSatisfy { $0 == 3 })
  }

  @Test func whatCannotBeLoadedIsABadPicture() throws {
    struct Offline: Error {}
    let files = try pictures.source.training
    let broken = replacing(files) { file in
      guard file.name.hasSuffix("left.3.png") else { return file }
      return .loaded(
        LoadedPicture(name: "row 3", identity: "3") { () throws -> [UInt8] in throw Offline() })
    }
    let error = #expect(throws: CNNError.self) { try tuner(broken).run() }
    #expect(error?.code == .badPictures)
    #expect(error?.details == ["row 3: the picture could not be loaded: Offline()"])
  }

  /// A validation set that is given is used as it is, and a part of a data set is a data set.
  @Test func partsAreChosenByTheProgram() throws {
    let all = try pictures.source.training
    let training = all.subset { $0.source.name.hasSuffix("0.png") }
    let validation = all.subset { $0.source.name.hasSuffix("1.png") }
    // 0, 10 and 20 of each class; 1, 11 and 21 of each.
    #expect(training.count == 6 && training.countsByClass == [3, 3])
    let tuned = try tuner(training, validation: validation).run()
    #expect(tuned.result.validation?.count == 6)
    #expect(tuned.records.last?.step == 4)
    let others = DataSet(classNames: ["right", "left"], pictures: validation.pictures)
    let error = #expect(throws: CNNError.self) { try tuner(training, validation: others).run() }
    #expect(error?.domain == .usage && error?.code == .mismatch)
  }

  /// A change of the program's own is made again in the same way, and its identity keeps features
  /// and runs of other changes apart.
  @Test func customAugmentationsAreKnownByTheirIdentity() throws {
    let training = try pictures.source.training
    func brighter(_ identity: String, by range: ClosedRange<Int>) -> CustomAugmentation {
      CustomAugmentation(identity: identity) { pixels, random in
        let amount = Int.random(in: range, using: &random)
        let bytes = pixels.bytes.map { UInt8(max(0, min(255, Int($0) + amount))) }
        return (try? Pixels(width: pixels.width, height: pixels.height, rgb: bytes)) ?? pixels
      }
    }
    var settings = try FineTunerTests.settings()
    settings.augmentation = .none
    func run(_ custom: CustomAugmentation, cache: FeatureCache?) throws -> (
      bits: [[UInt32]], cached: Int
    ) {
      var cached = 0
      let tuned = try tuner(training, settings: settings, cache: cache, custom: custom).run {
        if case .extracting(let progress) = $0 { cached = max(cached, progress.cached) }
      }
      return (try bits(tuned.best), cached)
    }
    let first = try run(brighter("brighter-1", by: 10...40), cache: cache)
    let again = try run(brighter("brighter-1", by: 10...40), cache: nil)
    #expect(first.bits == again.bits)
    // 51 training pictures, in two variants each: only the pictures themselves are found again.
    #expect(try run(brighter("brighter-1", by: 10...40), cache: cache).cached == 102)
    let other = try run(brighter("brighter-2", by: -40 ... -10), cache: cache)
    #expect(other.cached == 51)
    #expect(other.bits != first.bits)
    let folder = RunFolder(scratch.path("custom"))
    _ = try tuner(training, settings: settings, custom: brighter("a", by: 0...9)).run(in: folder)
    let error = #expect(throws: CNNError.self) {
      try tuner(training, settings: settings, custom: brighter("b", by: 0...9)).run(in: folder)
    }
    #expect(error?.details == ["settings.customAugmentation: a in the run, b now"])
  }

  /// Each value that means nothing is refused before a picture is read.
  @Test(arguments: 0..<14) func nonsenseIsRefused(_ number: Int) throws {
    var settings = try FineTunerTests.settings()
    switch number {
    case 0: settings.batchSize = 0
    case 1: settings.epochs = 0
    case 2: settings.labelSmoothing = 1
    case 3: settings.validationShare = .nan
    case 4: settings.variants = 0
    case 5: settings.clippingNorm = 0
    case 6: settings.patience = 0
    case 7: settings.targetAccuracy = 1.5
    case 8: settings.optimizer = .sgd(SGD(momentum: 1))
    case 9: settings.optimizer = .adam(Adam(weightDecay: -1))
    case 10: settings.schedule = LearningRateSchedule(base: 0)
    case 11: settings.schedule = LearningRateSchedule(base: 1, shape: .step(factor: 2, epochs: 1))
    case 12: settings.schedule = LearningRateSchedule(base: 1, shape: .cosine(minimum: -1))
    default: settings.transfer.head?.dropout = 2
    }
    let found = #expect(throws: CNNError.self) { try settings.validate() }
    #expect(found?.domain == .usage && found?.found != nil && found?.expected != nil)
    let training = try pictures.source.training
    let folder = RunFolder(scratch.path("nothing"))
    #expect(throws: CNNError.self) {
      try tuner(training, settings: settings).run(in: folder)
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path.string))
  }

  @Test func theUsualSettingsAreValid() throws { try FineTuningSettings().validate() }

  /// Records and results pass through JSON; the keys are those of the log's columns.
  @Test func recordsAndResultsAreCodable() throws {
    let tuned = try tuner(try pictures.source.training).run()
    let records = try JSONEncoder().encode(tuned.records)
    #expect(try JSONDecoder().decode([LogRecord].self, from: records) == tuned.records)
    let result = try JSONEncoder().encode(tuned.result)
    #expect(try JSONDecoder().decode(FineTuningResult.self, from: result) == tuned.result)
    let record = LogRecord(
      step: 8, epoch: 2, kind: .epoch, loss: 0.1271, accuracy: 0.9412, validationLoss: 0.0346,
      validationAccuracy: 1, learningRate: 0.01, seconds: 3)
    #expect(
      record.description
        == "epoch 2 (step 8): loss 0.1271, 94.12 % right; validation loss 0.0346, 100.00 % right")
    #expect(tuned.result.description.hasPrefix("all epochs are done after 16 steps: epoch "))
  }

  /// A cancelled task leaves a checkpoint, and the run that is resumed from it ends with the bits of
  /// one that was never stopped.
  @Test func cancellationStopsWithACheckpoint() async throws {
    let training = try pictures.source.training
    let tuner = try tuner(training, cache: cache)
    let (whole, cancelled) = (
      RunFolder(scratch.path("whole")), RunFolder(scratch.path("cancelled"))
    )
    _ = try await tuner.run(in: whole)
    let steps = Counter()
    let task = Task {
      try await tuner.run(in: cancelled) { event in
        guard case .step = event else { return }
        steps.add("step")
        // The task cancels itself: the request is there when the next step would begin.
        if steps.counts["step"] == 5 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    let result = try await task.value
    #expect(result.outcome == .stopped && result.steps == 5)
    #expect(Folder.isFile(cancelled.last))
    #expect(try await tuner.run(in: cancelled).outcome != .stopped)
    #expect(
      try FineTunerTests.bytes(cancelled.last) == FineTunerTests.bytes(whole.last))
    #expect(
      try FineTunerTests.bytes(cancelled.best) == FineTunerTests.bytes(whole.best))
    // Cancelled before it began, in memory.
    let early = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await tuner.run()
    }
    let nothing = try await early.value
    #expect(nothing.result.outcome == .stopped && nothing.best == nil && nothing.records.isEmpty)
  }
}

/// Counts by name, from any thread.
private final class Counter: Sendable {
  private let state = Mutex<[String: Int]>([:])
  var counts: [String: Int] { state.withLock { $0 } }
  func add(_ name: String) { state.withLock { $0[name, default: 0] += 1 } }
}
