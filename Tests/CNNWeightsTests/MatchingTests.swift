import CNNCore
import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import Testing

/// Names as training programs leave them: prefixes, wrappers, strangers beside the network, a last
/// layer of another name. What is found must be the same arrays, and notes must say what was done.
@Suite struct MatchingTests {
  // Small, and with names of its own in every layout.
  private static let shared = Result {
    let network = try SqueezeNet.network(.v1_1, NetworkOptions(classes: 3, inputSize: 64))
    return (network, SyntheticNumbers.parameters(of: network))
  }

  let network: Network
  let parameters: Parameters

  init() throws { (network, parameters) = try Self.shared.get() }

  /// The parameters under the names of a layout, changed by `rename`.
  private func arrays(
    _ layout: WeightsLayout = .torchvision, _ rename: (String) -> String = { $0 }
  ) throws -> [NamedArray] {
    let names = layout.arrayNames(for: network)
    return try network.parameters.map { parameter in
      var tensor = parameters[parameter.name].tensor()
      if layout.convolutionOrder == .heightWidthInputOutput, tensor.shape.count == 4 {
        tensor = tensor.permuted([2, 3, 1, 0])
      }
      return NamedArray(name: rename(try #require(names[parameter.name])), tensor)
    }
  }

  /// Binds `file` and compares the first elements of every parameter, no two of which are alike; the
  /// notes.
  private func bind(_ file: [NamedArray], _ place: String) throws -> String {
    let bound = try BoundWeights(try NamedArrays(file), to: network)
    for parameter in network.parameters {
      let (found, expected) = (bound.parameters[parameter.name], parameters[parameter.name])
      #expect(found.shape == expected.shape)
      #expect(
        found.tensor().elements.prefix(3) == expected.tensor().elements.prefix(3),
        "\(place) \(parameter.name)")
    }
    return bound.notes.joined(separator: "; ")
  }

  @Test(arguments: [
    "model.", "net.", "backbone.", "encoder.", "module.model.", "my_network.inner_0.", "a/b/",
    "state_dict/",
  ])
  func prefixesAreLeftOut(_ prefix: String) throws {
    // Of those that turn the weights over, one prefix is enough.
    let layouts: [WeightsLayout] =
      [.torchvision, .native, .caffe]
      + (prefix == "net." ? [.tensorFlow, .tensorFlowDictionary] : [])
    for layout in layouts {
      let notes = try bind(try arrays(layout) { prefix + $0 }, "\(layout)")
      #expect(notes == "\(prefix) is left out of the names of the arrays")
    }
  }

  /// PyTorch's wrappers may stand anywhere in a name.
  @Test func wrappersAreLeftOut() throws {
    let changes: [(String) -> String] = [
      { $0.replacingOccurrences(of: "features.", with: "features.module.") },
      { "_orig_mod." + $0 + "" },
      { "net._orig_mod.module." + $0 },
      {
        "module."
          + $0.replacingOccurrences(of: ".squeeze.", with: "._checkpoint_wrapped_module.squeeze.")
      },
    ]
    for (number, change) in changes.enumerated() {
      let notes = try bind(try arrays(.torchvision, change), "\(number)")
      #expect(notes.contains("left out"), "\(notes)")
    }
  }

  /// Beside a prefixed network other arrays belong to other things; without a prefix they are errors.
  @Test func strangersBesideAPrefix() throws {
    let strangers = [
      NamedArray(name: "n_averaged", Tensor(shape: [], elements: [5])),
      NamedArray(name: "criterion.weight", Tensor(zeros: [2])),
      NamedArray(name: "val_acc.tp", Tensor(zeros: [3])),
    ]
    let notes = try bind(try arrays { "module." + $0 } + strangers, "strangers")
    #expect(
      notes == "module. is left out of the names of the arrays; "
        + "not used: criterion.weight, val_acc.tp")
    let error = #expect(throws: CNNError.self) {
      try BoundWeights(try NamedArrays(try arrays() + strangers), to: network)
    }
    #expect(
      error?.details == [
        "criterion.weight: unexpected, found [2]", "val_acc.tp: unexpected, found [3]",
      ])
    // A single number is no parameter of any network, such as an epoch in an .npz.
    #expect(try bind(try arrays() + [strangers[0]], "a number").isEmpty)
  }

  @Test(arguments: [
    ("fc.weight", "fc.bias"), ("classifier.4.weight", "classifier.4.bias"),
    ("last_linear.weight", "last_linear.bias"), ("classifier.1.1.weight", "classifier.1.1.bias"),
    ("head_W", "head_b"),
  ])
  func theLastLayerIsKnownByItsShapes(weight: String, bias: String) throws {
    let (oldWeight, oldBias) = ("classifier.1.weight", "classifier.1.bias")
    let rename = { (name: String) in
      name == oldWeight ? weight : name == oldBias ? bias : name
    }
    let base = weight.prefix { $0 != "_" || weight.hasPrefix("last") }
    let word = weight.hasPrefix("head") ? "head" : String(base.dropLast(".weight".count))
    #expect(
      try bind(try arrays(.torchvision, rename), weight)
        == "the last layer, conv10, is called \(word) in the file")
    // The new layer may also stand outside of a wrapped trunk.
    let outside = try bind(
      try arrays { $0 == oldWeight || $0 == oldBias ? rename($0) : "trunk." + $0 }, weight)
    #expect(outside.contains("trunk. is left out") && outside.contains("called \(word)"))
    #expect(!outside.contains("not used"))
    // Two that fit cannot be told apart.
    let twice =
      try arrays(.torchvision, rename) + [
        NamedArray(name: "other.weight", Tensor(zeros: [3, 512, 1, 1])),
        NamedArray(name: "other.bias", Tensor(zeros: [3])),
      ]
    let error = #expect(throws: CNNError.self) { try bind(twice, weight) }
    #expect(error?.code == .mismatch)
  }

  @Test func theClassCountIsThatOfARenamedLayer() throws {
    let published = try SqueezeNet.network(.v1_1)
    let file = try arrays { "net." + $0.replacingOccurrences(of: "classifier.1", with: "fc") }
    let (matched, layout) = try NamedArrays(file).matched(to: published)
    #expect(layout == .torchvision)
    #expect(layout.classCount(in: matched, for: published) == 3)
  }

  @Test func twoNetworksInOneFileAreAChoice() throws {
    let file = try NamedArrays(
      try arrays { "teacher." + $0 } + arrays { "student." + $0 })
    let error = #expect(throws: CNNError.self) { try BoundWeights(file, to: network) }
    #expect(error?.code == .ambiguous && error?.found == "student, teacher")
    #expect(error?.remedy?.action == .chooseWeightsEntry)
  }

  /// Names of an unknown program: nothing is guessed, and the error names what stands before them.
  @Test func unknownNamesAreNotGuessed() throws {
    let file = try arrays { "resnet.encoder." + $0.replacingOccurrences(of: "e", with: "x") }
    let error = #expect(throws: CNNError.self) {
      try BoundWeights(try NamedArrays(file), to: network)
    }
    #expect(error?.code == .mismatch)
    #expect(
      error?.found?.hasSuffix("(52 arrays), most of them under resnet.encoder.fxaturxs.") == true)
    // A few names that agree by chance are no prefix.
    let few = try arrays { $0.hasPrefix("features.0.") ? "x." + $0 : "y." + $0 + "_" }
    let second = #expect(throws: CNNError.self) {
      try BoundWeights(try NamedArrays(few), to: network)
    }
    #expect(second?.problem.contains("no array has a name") == true)
  }

  /// Whole numbers are quantised weights without their scales, whatever their names and shapes.
  @Test(arguments: [("I8", 1), ("U8", 1), ("I32", 4), ("BOOL", 1), ("I64", 8)])
  func wholeNumbersAreNoWeights(type: String, size: Int) throws {
    var entries: [String] = []
    var end = 0
    for parameter in network.parameters {
      let isWhole = parameter.shape.count == 4
      let bytes = parameter.count * (isWhole ? size : 4)
      let kind = isWhole ? type : "F32"
      entries.append(
        "\"\(parameter.name)\":{\"dtype\":\"\(kind)\",\"shape\":\(parameter.shape),"
          + "\"data_offsets\":[\(end),\(end + bytes)]}")
      end += bytes
    }
    let header = Array("{\(entries.joined(separator: ","))}".utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    let arrays = try WeightsFile.read(length + header + [UInt8](repeating: 0, count: end))
    let error = #expect(throws: CNNError.self) { try BoundWeights(arrays, to: network) }
    #expect(error?.code == .unsupported && error?.location == .tensor("conv1.weight"))
    #expect(error?.problem.contains("quantised") == true)
    #expect(error?.found == "26 arrays of whole numbers, the first of type \(type)")
  }
}
