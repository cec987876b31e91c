import ArgumentParser
import CNNCore
import CNNKit
import CNNSystem

/// `cnn bench`: how fast a network runs on this machine.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast a network runs; it needs no weights and no pictures.",
    discussion: """
      EXAMPLES
        cnn bench --model vgg16
        cnn bench --model resnet50 --batch 8 --threads 4 --layers
        cnn bench --model vgg16 --precision half-fc --json
        cnn bench --model vgg16 --training conv --classes 2 --batch 64

      Pictures are random, from a seed, and so are weights unless a file is named.
      The median and the fastest of many runs are those of a whole batch. GFLOPS
      count two operations for each multiply-add of the textbook layer, whatever
      the kernel does; the peak is measured here, in the vectors of the kernels.
      With --training, a step of fine-tuning is measured: forward, backward and
      SGD's update, on given outputs of the frozen layers.
      CNN_KERNELS=blas, generic, avx2 or avx512 forces the kernels of inference.
      """)

  @Option(help: ArgumentHelp("The network; `cnn models` lists all.", valueName: "name"))
  var model: String?

  @Option(
    help: ArgumentHelp("A weights file, for the model in it.", valueName: "file"),
    completion: .file(extensions: ModelOptions.weightsExtensions))
  var weights: PathArgument?

  @Option(help: ArgumentHelp("Pictures in a batch.", valueName: "count"))
  var batch = 1

  @Option(
    help: ArgumentHelp("Worker threads; one for each processor if not given.", valueName: "count"))
  var threads: Int?

  @OptionGroup var precision: PrecisionOptions

  @Option(help: ArgumentHelp("Input size, such as 224 or 240x320.", valueName: "HxW"))
  var input: Extent?

  @Option(help: ArgumentHelp("Number of classes.", valueName: "count"))
  var classes: Int?

  @Option(
    help: ArgumentHelp(
      "Measure a step of training of all but these layers: conv, all-but-last, none or a node.",
      valueName: "frozen"))
  var training: String?

  @Option(
    help: ArgumentHelp("Seconds to measure, at least; never less than 5 runs.", valueName: "count"))
  var seconds = 2.0

  @Flag(help: "Also print the time of each step and the kernel that computes it.")
  var layers = false

  @Flag(help: "One JSON object instead of the tables.")
  var json = false

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch must be at least 1") }
    try ThreadCount.check(threads)
    if model == nil, weights == nil {
      throw ValidationError("Name a network with --model, or a file with --weights")
    }
    if let classes, !(1...1_000_000).contains(classes) {
      throw ValidationError("--classes must be between 1 and 1000000")
    }
    if training != nil, layers {
      throw ValidationError("--layers is for networks that run; leave it out with --training")
    }
    if training != nil, precision.precision != .fp32 {
      throw ValidationError("--precision is for networks that run; training computes in fp32")
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
      batch: batch, threads: threads ?? Workers.defaultCount, seconds: seconds)
    let report = TrainingBenchReport(measurement, model: model ?? pretrained.network.name)
    try write(report) { LabelledRows.lines(report.rows) }
  }

  private func measureInference() throws {
    let options = try precision.inferenceOptions()
    let pretrained = try pretrained()
    try requireMemory(for: pretrained.network)
    let measurement = BenchMeasurement(
      network: pretrained.network, parameters: pretrained.parameters, batch: batch,
      threads: threads ?? Workers.defaultCount, options: options, seconds: seconds)
    let report = BenchReport(
      measurement, model: model ?? pretrained.network.name, listsLayers: layers)
    try write(report) { BenchTable(report).lines(for: .output) }
  }

  /// The input and the output of one layer, at least, of all pictures of the batch.
  private func requireMemory(for network: Network) throws(CNNError) {
    let largest = network.nodes.map { Tensor.elementCount(of: $0.outputShape) }.max() ?? 0
    let numbers = Tensor.elementCount(of: network.inputShape) + largest
    let (bytes, overflows) = (numbers * MemoryLayout<Float>.stride)
      .multipliedReportingOverflow(by: batch)
    try MemoryBudget.require(overflows ? nil : bytes, for: "a batch of \(batch) pictures")
  }

  private func write(_ report: some Encodable, lines: () -> [String]) throws {
    var output = LineWriter.standardOutput
    if json {
      try output.writeJSON(report)
    } else {
      for line in lines() { try output.writeLine(line) }
    }
    try output.flush()
  }

  /// The network with the weights of a file, or with random ones.
  private func pretrained() throws(CNNError) -> PretrainedNetwork {
    var options = LoadingOptions()
    options.inputSize = input
    options.classes = classes
    let model = try model.map { (name) throws(CNNError) in try CNNModel(named: name) }
    if let weights {
      return try PretrainedNetwork(model: model, weights: weights.path, options: options)
    }
    guard let model else { preconditionFailure("validated") }
    return try PretrainedNetwork(randomFor: model, seed: 1, options: options)
  }
}
