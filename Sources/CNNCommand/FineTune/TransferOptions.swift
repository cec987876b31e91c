import ArgumentParser
import CNNCore
import CNNTraining

/// The flags that say what of a pretrained network is kept, and what of it is trained.
struct TransferOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What keeps its weights: all-but-last, conv, none, a node such as conv3_3 with everything "
        + "before it, or a number of layers.", valueName: "what"))
  var freeze = "all-but-last"

  @Flag(
    name: .customLong("keep-fc"),
    help: "With --freeze conv: train the linear layers on from their weights, not from random ones."
  )
  var keepFC = false

  @OptionGroup var newHead: HeadOptions

  func validate() throws {
    if keepFC, freeze != "conv" {
      throw ValidationError("--keep-fc goes with --freeze conv; others keep these weights anyway")
    }
    if keepFC, newHead.head != nil {
      throw ValidationError("--keep-fc and --head exclude each other")
    }
  }

  /// The choice.
  var transfer: Transfer {
    Transfer(
      freeze: Freeze(freeze), keepsLinearLayers: keepFC, head: newHead.classifier)
  }
}
