import ArgumentParser
import CNNRuns
import CNNSystem
import CNNTraining
import SystemPackage

/// The flags that name the folder of a run and say when it ends.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the run.", valueName: "folder"), completion: .directory)
  var run: PathArgument?

  @Option(
    help: ArgumentHelp(
      "The run's name: its folder is runs/NAME. Without it, NAME is made of the model and the data.",
      valueName: "name"))
  var name: String?

  @Flag(help: "Start again, and replace an earlier run in the folder instead of resuming it.")
  var fresh = false

  @Option(
    help: ArgumentHelp(
      "Stop after more than this many epochs in a row without a better validation accuracy.",
      valueName: "count")
  )
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "Stop when the validation accuracy reaches this, in percent.", valueName: "%")
  )
  var targetAccuracy: Double?

  @Option(
    help: ArgumentHelp(
      "Start no epoch that would end after this time, such as 90s, 30m or 2h.", valueName: "time"))
  var timeBudget: String?

  @Option(
    help: ArgumentHelp("Pictures set apart for validation, in percent.", valueName: "percent"))
  var validation = 100 * DataSplit.usualValidationShare

  @Option(
    help: ArgumentHelp(
      "Decides everything random: the split, new weights, the order of pictures, augmentation.",
      valueName: "number"))
  var seed: UInt64 = 0

  @Flag(help: "Leave out pictures that cannot be read, instead of refusing the data.")
  var skipBad = false

  @Flag(help: "Store only the trained layers; the pretrained weights are needed to use the model.")
  var headOnly = false

  @Option(
    help: ArgumentHelp(
      "How cached features are stored: fp32, or fp16 for half the space.", valueName: "name"))
  var featurePrecision = FeatureKey.Storage.float32

  @Option(
    help: ArgumentHelp(
      "The most that all cached features together may take, in gigabytes.", valueName: "GB"))
  var cacheLimit = 20.0

  func validate() throws {
    if run != nil, name != nil { throw ValidationError("--run and --name exclude each other") }
    if let name, name.isEmpty || name.contains("/") || name.hasPrefix(".") {
      throw ValidationError("--name is the name of a folder; --run takes a path")
    }
    if let patience, patience < 1 { throw ValidationError("--patience must be at least 1") }
    if let targetAccuracy, !(0...100).contains(targetAccuracy) {
      throw ValidationError("--target-accuracy must be between 0 and 100")
    }
    if let timeBudget, Self.seconds(timeBudget) == nil {
      throw ValidationError("--time-budget takes a time such as 90s, 30m or 2h")
    }
    guard validation > 0, validation < 100 else {
      throw ValidationError("--validation must be more than 0 and less than 100")
    }
    guard cacheLimit > 0, cacheLimit < 1e6 else {
      throw ValidationError("--cache-limit must be more than 0")
    }
  }

  /// Puts the choices into `settings`.
  func apply(to settings: inout FineTuningSettings) {
    settings.patience = patience
    settings.targetAccuracy = targetAccuracy.map { $0 / 100 }
    settings.validationShare = validation / 100
    settings.seed = seed
    settings.featureStorage = featurePrecision
  }

  /// The choices that do not influence the result.
  func options(threads: Int?) -> FineTuningOptions {
    FineTuningOptions(
      threads: threads, cache: FeatureCache(limit: Int(cacheLimit * 1e9)), skipsBad: skipBad,
      timeBudget: timeBudget.flatMap(Self.seconds))
  }

  /// How the run uses its folder.
  func folderOptions(base: FilePath?) throws(CNNError) -> RunFolder.Options {
    var options = RunFolder.Options(command: CommandLineText.shellQuoted, startsFresh: fresh)
    if headOnly {
      options.headOnlyBase = try base.or { () throws(CNNError) in
        throw CNNError(
          .usage, .mismatch, "--head-only needs a weights file, which holds the other layers",
          found: "random weights")
      }
    }
    return options
  }

  /// The folder, for a model and a data set.
  func folder(model: String, data: FilePath) -> RunFolder {
    if let run { return RunFolder(run.path) }
    let last = data.lexicallyNormalized().lastComponent
    let dataName = last.map { FilePath(root: nil, components: $0).displayName } ?? "data"
    return RunFolder(FilePath("runs").appending(name ?? "\(model)-\(dataName)"))
  }

  /// `90`, `90s`, `30m`, `2h` in seconds.
  private static func seconds(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[$0] }
    let number = Double(unit == nil ? text[...] : text.dropLast())
    return number.flatMap { $0 > 0 && $0.isFinite ? $0 * (unit ?? 1) : nil }
  }
}

extension FeatureKey.Storage: ExpressibleByArgument {}
