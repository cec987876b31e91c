import ArgumentParser
import CNNKit
import CNNSystem

/// `cnn models`: lists the networks of the catalogue.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List the networks, their published accuracy and the weights files that fit.",
    discussion: """
      EXAMPLES
        cnn models
        cnn models --json

      Accuracy is the published one on ImageNet's validation set with one centre
      crop: the percentage of pictures whose class is the first guess (top-1), or
      among the first five (top-5). GMAC is 10^9 multiply-adds for one picture.
      """)

  @Flag(help: "Print one JSON object a line for each network.")
  var json = false

  private struct Record: Encodable {
    struct Weights: Encodable {
      let file: String
      let source: String
      let top1: Double?
      let top5: Double?
    }

    let name: String
    let summary: String
    let input: [Int]
    let classes: Int
    let parameters: Int
    let multiplyAdds: Int
    let weights: [Weights]
  }

  func run() throws {
    guard json else { return try LineWriter.printLines(table().lines(for: .output)) }
    var output = LineWriter.standardOutput
    for model in CNNModel.allCases { try output.writeJSON(record(model)) }
    try output.flush()
  }

  private func table() throws -> TextTable {
    var table = TextTable([
      ("model", .left), ("parameters", .right), ("GMAC", .right), ("top-1", .right),
      ("top-5", .right), ("weights that fit", .left),
    ])
    for model in CNNModel.allCases {
      let network = try model.network()
      let published = model.publishedWeights
      for (index, weights) in (published.isEmpty ? [nil] : published.map(Optional.some))
        .enumerated()
      {
        let accuracy = weights?.accuracy
        table.add([
          index == 0 ? model.name : "",
          index == 0 ? NumberText.grouped(network.parameterCount) : "",
          index == 0 ? NumberText.fixed(Double(network.multiplyAdds) / 1e9, decimals: 2) : "",
          accuracy.map { NumberText.fixed($0.top1, decimals: 1) } ?? "-",
          accuracy.map { NumberText.fixed($0.top5, decimals: 1) } ?? "-",
          weights?.fileName ?? "-",
        ])
      }
    }
    return table
  }

  private func record(_ model: CNNModel) throws -> Record {
    let network = try model.network()
    return Record(
      name: model.name, summary: model.summary, input: network.inputShape,
      classes: network.classCount, parameters: network.parameterCount,
      multiplyAdds: network.multiplyAdds,
      weights: model.publishedWeights.map {
        Record.Weights(
          file: $0.fileName, source: $0.source, top1: $0.accuracy?.top1, top5: $0.accuracy?.top5)
      })
  }
}
