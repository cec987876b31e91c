import ArgumentParser
import CNNCore
import CNNKit
import CNNSystem

/// The flags that say which network, and in which form; the same for every verb.
struct NetworkArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network; `cnn models` lists all. A file that training has written names its own.",
      valueName: "name"),
    completion: .list(Model.all.map(\.name)))
  var model: String?

  @Option(help: ArgumentHelp("Number of classes.", valueName: "count"))
  var classes: Int?

  @Option(
    help: ArgumentHelp("Input size of the network, such as 224 or 240x320.", valueName: "HxW"))
  var input: Extent?

  func validate() throws {
    if let classes, !(1...1_000_000).contains(classes) {
      throw ValidationError("--classes must be between 1 and 1000000")
    }
  }

  /// The catalogue's entry; nil where none is named.
  func entry() throws(CNNError) -> Model? {
    try model.map { (name) throws(CNNError) in try Model.named(name) }
  }
}

extension Extent: ExpressibleByArgument {
  /// Larger sides have no use, and products of these cannot overflow.
  private static let largestSide = 8192

  /// `224`, or `240x320` with the height first.
  public init?(argument: String) {
    let parts = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false)
    let sizes = parts.compactMap { Int($0) }.filter { (1...Self.largestSide).contains($0) }
    guard sizes.count == parts.count, (1...2).contains(parts.count) else { return nil }
    self.init(height: sizes[0], width: sizes[sizes.count - 1])
  }
}
