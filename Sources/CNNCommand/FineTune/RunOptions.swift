import ArgumentParser
import CNNRuns
import CNNSystem
import CNNTraining
import SystemPackage

/// The flags that say where a run lives and when it ends.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the run.", valueName: "folder"), completion: .directory)
  var run: PathArgument?

  @Option(
    help: ArgumentHelp(
      "The run's name: its folder is runs/NAME. Without it, the model and the data name it.",
      valueName: "name"))
  var name: String?

  @Flag(help: "Forget an earlier run in the folder instead of going on with it.")
  var fresh = false

  @Option(
    help: ArgumentHelp(
      "Epochs without a better validation that are borne; one more ends it.", valueName: "count")
  )
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "Stop when the validation accuracy reaches this, in percent.", valueName: "%")
  )
  var targetAccuracy: Double?

  @Option(
    help: ArgumentHelp(
      "Begin no epoch that would end after this time, such as 90s, 30m or 2h.", valueName: "time"))
  var timeBudget: String?

  @Option(help: ArgumentHelp("Pictures that validate, in percent.", valueName: "percent"))
  var validation = 100 * DataSplit.usualValidationShare

  @Option(help: ArgumentHelp("Decides everything that is random.", valueName: "number"))
  var seed: UInt64 = 0

  @Flag(help: "Leave bad pictures out instead of refusing them.")
  var skipBad = false

  @Flag(help: "Store only what is trained; --weights is then needed to use it.")
  var headOnly = false

  @Option(
    help: ArgumentHelp(
      "How cached features are stored: fp32, or fp16 for half the space.", valueName: "name"))
  var featurePrecision = FeatureKey.Precision.float32

  @Option(
    help: ArgumentHelp(
      "What all cached features together may take, in gigabytes.", valueName: "GB"))
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
    settings.featurePrecision = featurePrecision
  }

  /// What does not decide the result.
  func options(base: FilePath?) throws(CNNError) -> FineTuningOptions {
    var options = FineTuningOptions()
    options.cache = FeatureCache(limit: Int(cacheLimit * 1e9))
    options.skipsBad = skipBad
    options.startsFresh = fresh
    options.timeBudget = timeBudget.flatMap(Self.seconds)
    if headOnly {
      options.headOnlyBase = try base.or { () throws(CNNError) in
        throw CNNError(
          .usage, .mismatch, "--head-only needs a weights file, which holds the rest",
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

extension FeatureKey.Precision: ExpressibleByArgument {}
