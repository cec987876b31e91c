import ArgumentParser
import CNNCore
import CNNTraining

/// The flags that replace the classifier of a network.
struct HeadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A new classifier: linear layers of these widths with ReLU and dropout, such as 4096,4096, "
        + "before the last layer; 0 for the last layer alone.", valueName: "widths"))
  var head: String?

  @Option(
    help: ArgumentHelp(
      "The share of outputs that the layers of --head drop in training. Without it, 0.5.",
      valueName: "share"))
  var dropout: Double?

  func validate() throws {
    if let head, Self.widths(head) == nil {
      throw ValidationError("--head takes widths such as 4096,4096, or 0; found \"\(head)\"")
    }
    if let dropout, !(0..<1).contains(dropout) {
      throw ValidationError("--dropout must be at least 0 and less than 1")
    }
    if dropout != nil, head == nil {
      throw ValidationError("--dropout is for the layers of --head: name them")
    }
  }

  /// The classifier; nil where `--head` is not given.
  var classifier: ClassifierHead? {
    head.flatMap(Self.widths).map { ClassifierHead(widths: $0, dropout: dropout ?? 0.5) }
  }

  private static func widths(_ text: String) -> [Int]? {
    if text == "0" { return [] }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let widths = parts.compactMap { $0 }.filter { (1...1_000_000).contains($0) }
    return widths.count == parts.count ? widths : nil
  }
}

/// The flags that say which layers of a pretrained network stay fixed and which are trained.
struct TransferOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The layers whose weights stay fixed: all-but-last, conv (all convolutions), none, a node "
        + "such as conv3_3 or a stage such as layer3 with everything before it, or a number of "
        + "layers.", valueName: "layers"))
  var freeze = "all-but-last"

  @Flag(
    name: .customLong("keep-fc"),
    help: "With --freeze conv: linear layers start from their pretrained weights, not random ones."
  )
  var keepFC = false

  @OptionGroup var newHead: HeadOptions

  func validate() throws {
    if keepFC, freeze != "conv" {
      throw ValidationError(
        "--keep-fc goes with --freeze conv; with other values these weights are kept anyway")
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
