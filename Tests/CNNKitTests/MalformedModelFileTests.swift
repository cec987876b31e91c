import CNNCore
import CNNImage
import CNNKit
import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import SystemPackage
import Testing

/// Metadata come from anywhere: whatever stands there is a model that runs, or one clear error.
@Suite struct MalformedModelFileTests {
  /// A network of every kind of layer, small enough to be run thousands of times.
  private static let network: Network = {
    let pool = Window(kernel: 2, stride: 2)
    let steps: [(name: String, layer: Layer, inputs: [String])] = [
      ("conv", .convolution(Convolution(channels: 4, kernel: 3, padding: .same)), ["input"]),
      ("norm", .batchNorm(epsilon: 1e-5), ["conv"]),
      ("relu", .relu, ["norm"]),
      ("lrn", .localResponseNorm(.paper), ["relu"]),
      (
        "wide", .convolution(Convolution(channels: 4, kernel: 3, padding: .explicit(1), groups: 2)),
        ["lrn"]
      ),
      ("sum", .add, ["wide", "relu"]),
      ("both", .concat, ["sum", "lrn"]),
      ("max", .maxPool(Window(kernel: 2, stride: 2, rounding: .ceil)), ["both"]),
      ("mean", .averagePool(pool), ["both"]),
      ("pair", .add, ["max", "mean"]),
      ("shortcut", .zeroPaddedShortcut(channels: 10, stride: 2), ["pair"]),
      ("cells", .adaptiveAveragePool(2), ["shortcut"]),
      ("flatten", .flatten(.heightWidthChannel), ["cells"]),
      ("drop", .dropout(rate: 0.5), ["flatten"]),
      ("fc", .linear(outputs: 3), ["drop"]),
      ("prob", .softmax, ["fc"]),
    ]
    do {
      return try Network(name: "all", inputShape: [1, 28, 28], steps: steps)
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private static let description = ModelDescription(
    network: network, labels: LabelSet(names: ["a", "b", "c"]), preprocessing: .mnist)

  /// The arrays and metadata of a good file.
  private func good() throws -> NamedArrays {
    let parameters = SyntheticNumbers.parameters(of: Self.network)
    return try withTemporaryFolder { folder in
      let path = folder.appending("all.safetensors")
      try ModelFile.write(Self.description, to: path) { parameters[$0] }
      return try WeightsFile.read(path)
    }
  }

  /// What becomes of a file whose metadata were changed: it runs, or it is refused with an error of
  /// ours. Nothing else is possible but the end of the process.
  @discardableResult
  private func use(_ metadata: [String: String], _ arrays: NamedArrays) throws -> CNNError? {
    do throws(CNNError) {
      let changed = try NamedArrays(arrays.arrays, metadata: metadata)
      guard let file = try ModelFile(changed) else { return nil }
      // Shapes that no longer fit the arrays are refused there; run those with numbers of their own.
      run(file.description.network)
      _ = try file.parameters()
      return nil
    } catch {
      return error
    }
  }

  private func run(_ network: Network) {
    let count =
      network.parameterCount
      + network.nodes.reduce(0) {
        $0 + $1.outputShape.reduce(1, *)
      }
    guard count < 100_000, network.multiplyAdds < 2_000_000 else { return }
    let parameters = Parameters.random(for: network, seed: 1)
    let input = Tensor(synthetic: [1] + network.inputShape, stream: 3)
    for kernels in [KernelSet.blas, .fastest] {
      let plan = InferencePlan(
        network: network, parameters: parameters, threads: 1,
        options: InferenceOptions(kernels: kernels))
      #expect(plan.run(input).shape == [1] + plan.outputShape)
    }
  }

  /// Every value in the JSON of a key, replaced by every one of these.
  @Test(arguments: ["cnn.network", "cnn.labels", "cnn.preprocessing"])
  func everyValueReplaced(_ key: String) throws {
    let arrays = try good()
    let json = try JSONSerialization.jsonObject(
      with: Data(try #require(arrays.metadata[key]).utf8), options: .fragmentsAllowed)
    let replacements: [Any] = [
      0, -1, 1, 2, 3, 5, 28, 1024, 65_536, 1 << 20, 1 << 40, Int.max, 0.5, -1e30, 1e300, "", "x",
      "input", "conv", "fc", "relu", "same", "flatten", "\u{1B}[31m", true, NSNull(),
      [Any](), [1, 1], [0, 0], [3, 3], [1024, 1024], [1, 2, 3, 4], [1024, 1024, 1024, 1024],
      ["input", "input"], ["relu"], [String: Any](), ["kind": "relu"], ["kind": "add"],
    ]
    var refused = 0
    let variants = Self.variants(of: json, replacements)
    for variant in variants {
      var metadata = arrays.metadata
      let data = try JSONSerialization.data(withJSONObject: variant, options: .fragmentsAllowed)
      metadata[key] = String(decoding: data, as: UTF8.self)
      if let error = try use(metadata, arrays) {
        refused += 1
        #expect([.weights, .usage].contains(error.domain))
        #expect(error.message.allSatisfy { !$0.isNewline } && error.message.count < 600)
      }
    }
    // Most are nonsense, and what is not was run.
    #expect(refused > variants.count / 2 && refused < variants.count)
  }

  /// All values that differ from `value` in one place: replaced, or left out.
  private static func variants(of value: Any, _ replacements: [Any]) -> [Any] {
    var all = replacements
    if let object = value as? [String: Any] {
      for (key, inner) in object.sorted(by: { $0.key < $1.key }) {
        all.append(object.filter { $0.key != key })
        all += variants(of: inner, replacements).map { object.merging([key: $0]) { $1 } }
      }
    } else if let list = value as? [Any] {
      for index in list.indices {
        all.append(Array(list[..<index] + list[(index + 1)...]))
        all += variants(of: list[index], replacements).map {
          Array(list[..<index] + [$0] + list[(index + 1)...])
        }
      }
    }
    return all
  }

  /// Bytes of the texts themselves: what is no JSON any more.
  @Test func everyTextCutAndFlipped() throws {
    let arrays = try good()
    for (key, text) in arrays.metadata {
      for index in 0..<min(text.utf8.count, 400) {
        var bytes = Array(text.utf8)
        bytes[index] ^= UInt8(1 << (index % 7))
        for changed in [bytes, Array(text.utf8.prefix(index))] {
          var metadata = arrays.metadata
          metadata[key] = String(decoding: changed, as: UTF8.self)
          try use(metadata, arrays)
        }
      }
    }
  }

  @Test func whatIsWrongIsSaid() throws {
    let arrays = try good()
    func error(_ key: String, _ text: String?) throws -> CNNError? {
      try use(
        arrays.metadata.filter { $0.key != key }.merging([key: text].compactMapValues { $0 }) {
          $1
        }, arrays)
    }
    let relu = #"{"inputs":["input"],"layer":{"kind":"relu"},"name":"a"}"#
    let many = Array(repeating: relu, count: 9000).joined(separator: ",")
    let cases: [(key: String, text: String?, code: CNNError.Code, words: String)] = [
      ("cnn.version", "7", .unsupported, "7"),
      ("cnn.network", nil, .corrupt, "cnn.network"),
      ("cnn.network", "{", .corrupt, "cnn.network"),
      ("cnn.network", "[]", .corrupt, "cnn.network"),
      (
        "cnn.network", #"{"input":[1,28,28],"name":"x","nodes":[\#(many)]}"#, .corrupt,
        "9000"
      ),
      (
        "cnn.network", String(repeating: "[", count: 100_000), .corrupt, "cnn.network"
      ),
      ("cnn.network", String(repeating: " ", count: 9 << 20), .tooLarge, "too long"),
      ("cnn.labels", #"[{"name":"a"}]"#, .mismatch, "1 labels"),
      ("cnn.labels", #"[{"name":"a"},{"name":"\u001b[2J"},{"name":"c"}]"#, .corrupt, "control"),
      ("cnn.labels", #"["a","b","c"]"#, .corrupt, "cnn.labels[0]"),
      ("cnn.preprocessing", #"{"resize":{"shortSide":0}}"#, .corrupt, "resampling"),
      ("cnn.metrics", #"{"accuracy":1e999}"#, .corrupt, "cnn.metrics"),
      ("cnn.origin", #"{"a":1}"#, .corrupt, "cnn.origin.a"),
      ("cnn.input_output", #"["conv.weight"]"#, .corrupt, "conv.weight"),
      ("cnn.base", #"{"file":"x"}"#, .corrupt, "cnn.base.fingerprint"),
    ]
    for (key, text, code, words) in cases {
      let error = try error(key, text)
      #expect(error?.code == code, "\(key): \(String(describing: error))")
      #expect(error?.message.contains(words) ?? false, "\(key): \(String(describing: error))")
    }
    let preprocessing = try error(
      "cnn.preprocessing",
      String(decoding: JSONEncoder().encode(Preprocessing.cifar), as: UTF8.self))
    #expect(preprocessing?.code == .mismatch)
    // Without the mark the file is plain weights.
    #expect(try error("cnn.version", nil) == nil)
  }
}
