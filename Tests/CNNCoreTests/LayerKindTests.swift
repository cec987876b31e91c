import CNNCore
import CNNSystem
import Foundation
import Testing

/// Every kind of layer is described completely, and stands in model files as it always did.
@Suite struct LayerKindTests {
  /// A layer of each kind, its JSON with sorted keys, and how a table shows it.
  static let layers: [(layer: Layer, json: String, summary: String)] = [
    (
      .convolution(
        Convolution(
          channels: 8, kernel: Extent(height: 3, width: 5), stride: 2, padding: .explicit(1),
          groups: 2, bias: false)),
      #"{"bias":false,"channels":8,"groups":2,"kernel":[3,5],"kind":"convolution","padding":[1,1,1,1],"stride":[2,2]}"#,
      "conv 3x5 /2, pad 1, groups 2"
    ),
    (
      .maxPool(Window(kernel: 3, stride: 2, padding: .same, rounding: .ceil)),
      #"{"kernel":[3,3],"kind":"maxPool","padding":"same","rounding":"ceil","stride":[2,2]}"#,
      "max pool 3x3 /2, same, ceil"
    ),
    (
      .averagePool(Window(kernel: 2)),
      #"{"kernel":[2,2],"kind":"averagePool","padding":"valid","rounding":"floor","stride":[1,1]}"#,
      "average pool 2x2"
    ),
    (
      .adaptiveAveragePool(Extent(height: 7, width: 6)),
      #"{"kind":"adaptiveAveragePool","size":[7,6]}"#, "average pool to 7x6"
    ),
    (.globalAveragePool, #"{"kind":"globalAveragePool"}"#, "global average pool"),
    (
      .localResponseNorm(LocalResponseNorm(radius: 2, alpha: 0.5, beta: 0.75, bias: 2)),
      #"{"alpha":0.5,"beta":0.75,"constant":2,"kind":"localResponseNorm","radius":2}"#, "LRN"
    ),
    (.batchNorm(epsilon: 0.25), #"{"epsilon":0.25,"kind":"batchNorm"}"#, "BatchNorm"),
    (.relu, #"{"kind":"relu"}"#, "ReLU"),
    (.dropout(rate: 0.5), #"{"kind":"dropout","rate":0.5}"#, "dropout 0.5"),
    (.linear(outputs: 10), #"{"kind":"linear","outputs":10}"#, "linear"),
    (.flatten(.heightWidthChannel), #"{"kind":"flatten","order":"HWC"}"#, "flatten HWC"),
    (.add, #"{"kind":"add"}"#, "add"),
    (.concat, #"{"kind":"concat"}"#, "concat"),
    (
      .zeroPaddedShortcut(channels: 32, stride: 2),
      #"{"channels":32,"kind":"zeroPaddedShortcut","stride":[2,2]}"#, "shortcut /2, zero channels"
    ),
    (.softmax, #"{"kind":"softmax"}"#, "softmax"),
  ]

  @Test func everyKindIsListedOnce() {
    let names = Layer.kinds.map { $0.name }
    #expect(Set(names).count == names.count)
    #expect(Self.layers.map { type(of: $0.layer.kind).name } == names)
  }

  @Test func everyKindStandsInFilesAsItAlwaysDid() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    for (layer, json, summary) in Self.layers {
      #expect(layer.kind.layer == layer)
      #expect(String(decoding: try encoder.encode(layer), as: UTF8.self) == json)
      #expect(try JSONDecoder().decode(Layer.self, from: Data(json.utf8)) == layer)
      #expect(layer.description == summary)
    }
  }

  /// Settings that come from a program instead of a file are errors, not traps.
  @Test func impossibleSettingsAreErrors() throws {
    let square = Window(kernel: 2)
    let impossible: [(Layer, String)] = [
      (.convolution(Convolution(channels: 4, kernel: 3, groups: 0)), "groups must be at least 1"),
      (.convolution(Convolution(channels: -4, kernel: 3)), "every size must be at least 1"),
      (.convolution(Convolution(channels: 4, kernel: 3, stride: 0)), "stride must be at least 1"),
      (.convolution(Convolution(channels: 4, kernel: 0)), "kernel and stride"),
      (.convolution(Convolution(channels: 4, kernel: 3, padding: .explicit(-1))), "padding"),
      (.maxPool(Window(kernel: 2, stride: 0)), "stride must be at least 1"),
      (.averagePool(Window(kernel: 2, padding: .explicit(2))), "smaller than its 2x2 kernel"),
      (.adaptiveAveragePool(0), "every size must be at least 1"),
      (.localResponseNorm(LocalResponseNorm(radius: -1, alpha: 1, beta: 1, bias: 1)), "radius"),
      (.dropout(rate: 1.5), "dropout rate"), (.dropout(rate: .nan), "dropout rate"),
      (.zeroPaddedShortcut(channels: 4, stride: 0), "stride must be at least 1"),
      (.linear(outputs: 3), "flatten the feature map first"),
    ]
    for (layer, words) in impossible {
      let error = #expect(throws: CNNError.self, "\(layer)") {
        try Network(name: "tried", inputShape: [4, 8, 8], steps: [("a", layer, ["input"])])
      }
      #expect(error?.code == .invalidShape)
      #expect(error?.location == .node("a"))
      #expect(error?.message.contains(words) == true, "\(layer): \(String(describing: error))")
    }
    // The same layers with sensible settings are a network.
    let network = try Network(
      name: "tried", inputShape: [4, 8, 8],
      steps: [("a", .maxPool(square), ["input"]), ("b", .dropout(rate: 0), ["a"])])
    #expect(network.nodes.map(\.outputShape) == [[4, 7, 7], [4, 7, 7]])
  }

  @Test func impossibleNodesAreErrors() {
    typealias Step = (name: String, layer: Layer, inputs: [String])
    let impossible: [([Step], String)] = [
      ([], "a network needs at least one node"),
      ([("a", .relu, ["b"])], "a reads a node that is not before it"),
      ([("a", .relu, ["input"]), ("a", .relu, ["input"])], "two nodes are called a"),
      ([("input", .relu, ["input"])], "two nodes are called input"),
      ([("a", .relu, [])], "a has 0 inputs"), ([("a", .add, [])], "a has 0 inputs"),
      ([("a", .relu, ["input", "input"])], "a has 2 inputs"),
    ]
    for (steps, words) in impossible {
      let error = #expect(throws: CNNError.self) {
        try Network(name: "tried", inputShape: [4, 8, 8], steps: steps)
      }
      #expect(error?.code == .invalidNetwork)
      #expect(error?.problem == words)
    }
  }
}
