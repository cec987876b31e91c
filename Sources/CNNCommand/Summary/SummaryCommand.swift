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

  @Option(help: ArgumentHelp("The network; `cnn models` lists all.", valueName: "name"))
  var model: String

  @Option(help: ArgumentHelp("Input size, such as 224 or 240x320.", valueName: "HxW"))
  var input: Extent?

  @Option(help: ArgumentHelp("Number of classes.", valueName: "count"))
  var classes: Int?

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
    if let classes, classes < 1 { throw ValidationError("--classes must be at least 1") }
    if let channels, channels < 1 { throw ValidationError("--channels must be at least 1") }
  }

  func run() throws {
    let model = try Model.named(model)
    var options = model.defaults
    options.classes = classes ?? options.classes
    options.inputChannels = channels ?? options.inputChannels
    options.inputSize = input ?? options.inputSize
    let network = try model.network(options)
    let summary = NetworkSummary(network, frozen: try network.frozenNodes(Freeze(freeze)))
    if json {
      JSONLine.print(summary)
    } else {
      print("\(model.name): \(model.summary)\n")
      SummaryTable(summary).print()
    }
  }
}
