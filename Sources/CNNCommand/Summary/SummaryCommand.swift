import ArgumentParser
import CNNCore
import CNNKit
import CNNSystem

/// `cnn summary`: the layers of a network with their shapes and costs, without any weights.
struct SummaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "Print the layers of a network: shapes, parameters, multiply-adds, memory.",
    discussion: """
      EXAMPLES
        cnn summary --model vgg16
        cnn summary --model vgg16 --input 48x48 --classes 10 --freeze conv
        cnn summary --model resnet50 --json

      Multiply-adds and memory (of the layer's output, Float32) are those of one
      picture.
      """)

  @OptionGroup var network: NetworkArguments

  @Option(help: ArgumentHelp("Channels of the input: 3, or 1 for gray.", valueName: "count"))
  var channels: Int?

  @Option(
    help: ArgumentHelp(
      "What training would leave alone: none, conv, all-but-last, or a node up to which.",
      valueName: "part"))
  var freeze = "none"

  @Flag(help: "One JSON object with all nodes and totals.")
  var json = false

  func validate() throws {
    if let channels, !(1...65_536).contains(channels) {
      throw ValidationError("--channels must be between 1 and 65536")
    }
  }

  func run() throws {
    let model = try network.entry()
    var options = model.defaults
    options.classes = network.classes ?? options.classes
    options.inputChannels = channels ?? options.inputChannels
    options.inputSize = network.input ?? options.inputSize
    let network = try model.network(options)
    let summary = NetworkSummary(network, frozen: try frozenNodes(of: network))
    var output = LineWriter.standardOutput
    if json {
      try output.writeJSON(summary)
    } else {
      try output.writeLine("\(model.name): \(model.summary)\n")
      for line in SummaryTable(summary).lines(for: .output) { try output.writeLine(line) }
    }
    try output.flush()
  }

  private func frozenNodes(of network: Network) throws(CNNError) -> Set<String> {
    do {
      return try network.frozenNodes(Freeze(freeze))
    } catch {
      var error = error
      error.expected = "none, conv, all-but-last, or a node: " + (error.expected ?? "")
      throw error
    }
  }
}
