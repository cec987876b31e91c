import ArgumentParser
import CNNCore
import CNNKit
import CNNSystem

/// `cnn bench`: measures how fast a network runs on this machine.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast a network runs; no weights and no pictures are needed.",
    usage: "cnn bench (--model <name> | --weights <file>) [<options>]",
    discussion: """
      EXAMPLES
        cnn bench --model vgg16
        cnn bench --model resnet50 --batch 8 --threads 4 --layers
        cnn bench --model vgg16 --precision half-fc --json
        cnn bench --model vgg16 --training conv --classes 2 --batch 64

      Pictures are random, from a seed, and so are weights unless a file is named.
      The median and the fastest of many runs are times for a whole batch. GFLOPS
      count two operations for each multiply-add of the layer's definition, whatever
      the kernel computes; the peak is measured with the same vector instructions.
      With --training, a step of fine-tuning is measured: forward, backward and the
      update by SGD, starting from the outputs of the frozen layers.
      CNN_KERNELS=blas, generic, avx2 or avx512 chooses the kernels.
      """)

  @Option(help: ArgumentHelp("The network; `cnn models` lists all.", valueName: "name"))
  var model: String?

  @Option(
    help: ArgumentHelp("A weights file instead of random weights.", valueName: "file"),
    completion: .file(extensions: ModelOptions.weightsExtensions))
  var weights: PathArgument?

  @OptionGroup var weightsEntry: WeightsEntryOption

  @Option(help: ArgumentHelp("Pictures in a batch.", valueName: "count"))
  var batch = 1

  @OptionGroup var threading: ThreadOptions

  @OptionGroup var precision: PrecisionOptions

  @Option(help: ArgumentHelp("Input size, such as 224 or 240x320.", valueName: "HxW"))
  var input: Extent?

  @OptionGroup var outputs: ClassCountOptions

  @Option(
    help: ArgumentHelp(
      "Measure a step of training with these layers frozen: conv, all-but-last, none or a node.",
      valueName: "layers"))
  var training: String?

  @Option(
    help: ArgumentHelp("Measure at least this long, and at least 5 runs.", valueName: "seconds"))
  var seconds = 2.0

  @Flag(help: "Also print the time of each step and the kernel that computes it.")
  var layers = false

  @Flag(help: "Print one JSON object instead of the tables.")
  var json = false

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch must be at least 1") }
    if model == nil, weights == nil {
      throw ValidationError("Name a network with --model, or a file with --weights")
    }
    if training != nil, layers {
      throw ValidationError("--layers is for inference and does not go with --training")
    }
    if training != nil, precision.precision != .fp32 {
      throw ValidationError("--precision is for inference; training computes in fp32")
    }
    if !(0...3600).contains(seconds) { throw ValidationError("--seconds must be from 0 to 3600") }
  }

  func run() throws {
    if let training {
      try measureTraining(Freeze(training))
    } else {
      try measureInference()
    }
  }

  private func measureTraining(_ freeze: Freeze) throws {
    let pretrained = try pretrained()
    let measurement = try TrainingMeasurement(
      network: pretrained.network, parameters: pretrained.parameters, freeze: freeze,
      batch: batch, threads: threading.threads ?? Workers.defaultCount, seconds: seconds)
    let report = TrainingBenchReport(measurement, model: model ?? pretrained.network.name)
    try LineWriter.printResult(report, asJSON: json, or: LabelledRows.lines(report.rows))
  }

  private func measureInference() throws {
    let options = try precision.inferenceOptions()
    let pretrained = try pretrained()
    try requireMemory(for: pretrained.network)
    let measurement = BenchMeasurement(
      network: pretrained.network, parameters: pretrained.parameters, batch: batch,
      threads: threading.threads ?? Workers.defaultCount, options: options, seconds: seconds)
    let report = BenchReport(
      measurement, model: model ?? pretrained.network.name, listsLayers: layers)
    try LineWriter.printResult(report, asJSON: json, or: BenchTable(report).lines(for: .output))
  }

  /// Refuses batches for which not even the input and the largest output fit into memory.
  private func requireMemory(for network: Network) throws(CNNError) {
    let largest = network.nodes.map { Tensor.elementCount(of: $0.outputShape) }.max() ?? 0
    let elements = Tensor.elementCount(of: network.inputShape) + largest
    let (bytes, overflows) = (elements * MemoryLayout<Float>.stride)
      .multipliedReportingOverflow(by: batch)
    try MemoryBudget.require(overflows ? nil : bytes, for: "a batch of \(batch) pictures")
  }

  /// The network with the weights of a file, or with random ones.
  private func pretrained() throws(CNNError) -> PretrainedNetwork {
    var options = LoadingOptions()
    options.inputSize = input
    options.classes = outputs.classes
    options.reading.entry = weightsEntry.name
    let model = try model.map { (name) throws(CNNError) in try CNNModel(named: name) }
    if let weights {
      return try PretrainedNetwork(model: model, weights: weights.path, options: options)
    }
    guard let model else { preconditionFailure("validated") }
    return try PretrainedNetwork(randomFor: model, seed: 1, options: options)
  }
}
