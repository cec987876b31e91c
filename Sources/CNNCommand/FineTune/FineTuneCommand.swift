import ArgumentParser
import CNNCore
import CNNKit
import CNNRuns
import CNNSystem
import CNNTraining
import SystemPackage

/// `cnn finetune`: trains a pretrained network on other classes.
struct FineTuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Train a pretrained network on pictures of your own classes.",
    discussion: """
      EXAMPLES
        cnn finetune --model resnet18 --weights resnet18.pth data/train
        cnn finetune --model vgg16 --weights vgg16_weights.npz --freeze conv \\
            data/train
        cnn finetune --model vgg16 --weights vgg16_weights.npz --freeze conv \\
            --head 4096,4096 --input 48 mnist/
        cnn finetune --weights runs/pets/best.safetensors --freeze none \\
            --learning-rate 0.0001 data/train --name pets-2

      The outputs of frozen layers are computed once and cached (see cnn cache), so
      an epoch takes seconds. Everything is written to the folder of the run:
      last.safetensors, from which the same command resumes after Ctrl-C, a crash
      or a power cut; best.safetensors for cnn predict and cnn evaluate; log.csv,
      plots, report.html and events for TensorBoard.

      DATA is a folder of pictures named by class (cat.0.jpg), a folder for each
      class, a list (path label), or MNIST's idx files; --labels gives the order
      of the classes.

      In the table and in log.csv, `loss` is what training minimises: a mean over
      the epoch while the weights change, with augmentation, dropout, label
      smoothing and class weights. `validation loss` is the plain cross-entropy
      after the epoch, without any of these. So the two are not comparable, and
      validation loss is often the lower one. `total time` counts from the start.
      """)

  @Argument(help: ArgumentHelp("The pictures.", valueName: "data"), completion: .file())
  var data: PathArgument

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "What is trained") var transfer: TransferOptions
  @OptionGroup(title: "How it is trained") var optimization: OptimizationOptions
  @OptionGroup(title: "Augmentation") var augmentation: AugmentationOptions
  @OptionGroup(title: "The run") var runOptions: RunOptions

  /// Accepted only to say why it is refused.
  @Option(help: .hidden) var classes: Int?

  @Flag(name: .shortAndLong, help: "No progress, only the table of epochs.")
  var quiet = false

  func validate() throws {
    if classes != nil {
      throw ValidationError("--classes: the number of classes comes from the pictures")
    }
  }

  func run() throws {
    var settings = FineTuningSettings()
    settings.transfer = transfer.transfer
    optimization.apply(to: &settings)
    try augmentation.apply(to: &settings)
    runOptions.apply(to: &settings)
    let source = try DataSource(at: data.path, classNames: try model.classNames())
    Diagnostics.note("\(source)")
    for note in source.notes { Diagnostics.note(note) }
    let network = try model.transferred(
      settings.transfer, classNames: source.training.classNames, seed: settings.seed)
    let folderOptions = try runOptions.folderOptions(
      base: model.randomWeights == nil ? model.path() : nil)
    let folder = runOptions.folder(model: network.base.model, data: data.path)
    Diagnostics.note("the run is in \(folder.path.displayName)")
    let tuner = FineTuner(
      network: network, source: source, settings: settings,
      options: runOptions.options(threads: model.threads))
    StopSignals.install()
    let progress = FineTuneProgress(isQuiet: quiet)
    let result = try tuner.run(
      in: folder, folderOptions, report: progress.show, shouldStop: { StopSignals.isStopRequested })
    ProgressLine.clear()
    try finish(result, folder)
    if let failure = progress.failure { throw failure }
  }

  private func finish(_ result: FineTuningResult, _ folder: RunFolder) throws {
    if result.outcome == .stopped {
      Diagnostics.note(Self.stopped(after: result.steps, isFresh: runOptions.fresh))
      throw ExitCode(StopSignals.exitStatus)
    }
    try LineWriter.printLines(FineTuneSummary(result, folder).lines)
  }

  private static func stopped(after steps: Int, isFresh: Bool) -> String {
    switch (isFresh, steps) {
    case (false, _): "stopped; the same command resumes the run"
    case (true, 0): "stopped before the first step; the folder is unchanged"
    case (true, _): "stopped; the same command without --fresh resumes the run"
    }
  }
}

extension ModelOptions {
  /// The names of the classes that `--labels` gives, in index order.
  func classNames() throws(CNNError) -> [String]? {
    try labels.map { (argument) throws(CNNError) in try ClassOrder(argument.path).names }
  }

  /// The network at the start of its fine-tuning.
  func transferred(
    _ transfer: Transfer, classNames: [String], seed: UInt64
  ) throws(CNNError) -> TransferredNetwork {
    let options = try loadingOptions()
    let model = try network.entry()
    if let weightsSeed = randomWeights, let model {
      return try TransferredNetwork(
        randomFor: model, weightsSeed: weightsSeed, options: options,
        transfer: transfer, classNames: classNames, seed: seed)
    }
    return try TransferredNetwork(
      model: model, weights: try path(), options: options,
      transfer: transfer, classNames: classNames, seed: seed)
  }
}

/// The command line in a form that can be pasted into a shell.
enum CommandLineText {
  /// `cnn finetune --model vgg16 'my pictures'`.
  static var shellQuoted: String {
    (["cnn"] + CommandLine.arguments.dropFirst()).map(quoted).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { character in
      character.isASCII
        && (character.isLetter || character.isNumber || "-_./=:,@%+".contains(character))
    }
    guard !isPlain || word.isEmpty else { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }
}
