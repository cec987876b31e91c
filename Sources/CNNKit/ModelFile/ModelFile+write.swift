public import CNNCore
public import CNNSystem
internal import CNNWeights
public import SystemPackage

extension ModelFile {
  /// Which parameters are written.
  public enum Contents: Sendable, Hashable {
    /// All of them.
    case whole
    /// Those of the given names; the others are in the weights file `base`, in which they are found
    /// again by its path, relative to the model file, and checked by their hash.
    case only(Set<String>, base: FilePath)
  }

  /// Writes a model as one file, which appears under its name when it is whole; until then, and
  /// whatever fails, what was there stays. Equal arguments make equal bytes.
  ///
  /// Mapped weights are streamed from their file, which may be the one that is replaced.
  ///
  /// - Parameters:
  ///   - description: the network, its labels, its preprocessing.
  ///   - path: of the `.safetensors` file.
  ///   - contents: the whole model, or what was trained alone.
  ///   - extraTensors: further tensors by name, each beginning with `extraPrefix`; binding ignores
  ///     them.
  ///   - extraMetadata: further texts by key, none beginning with `cnn.`.
  ///   - parameters: the parameter of each name of the network.
  /// - Throws: `cannotWrite`, for a full disk too.
  public static func write(
    _ description: ModelDescription, to path: FilePath, _ contents: Contents = .whole,
    extraTensors: [(name: String, tensor: Tensor)] = [], extraMetadata: [String: String] = [:],
    parameters: (String) -> ParameterArray
  ) throws(CNNError) {
    requireArgument(
      extraTensors.allSatisfy { $0.name.hasPrefix(extraPrefix) },
      "extra tensors are called \(extraPrefix)...")
    requireArgument(
      !extraMetadata.keys.contains { $0.hasPrefix(ModelMetadata.prefix) },
      "keys that begin with \(ModelMetadata.prefix) are the description's")
    var metadata = ModelMetadata(description)
    var arrays: [NamedArray] = []
    for name in description.network.parameters.map(\.name) where contents.includes(name) {
      let parameter = parameters(name)
      if parameter.isReversedLinear { metadata.inputOutput.insert(name) }
      arrays.append(NamedArray(asStored: parameter, name: name))
    }
    if case .only(let names, let file) = contents {
      let others = description.network.parameters.map(\.name).filter { !names.contains($0) }
      metadata.base = BaseWeights(
        file: file.relative(to: path.removingLastComponent()).string,
        fingerprint: ParameterArray.fingerprint(of: others.map { ($0, parameters($0)) }))
    }
    arrays += extraTensors.map { NamedArray(name: $0.name, $0.tensor) }
    let texts = metadata.texts.merging(extraMetadata) { own, _ in own }
    try WeightsFile.write(try NamedArrays(arrays, metadata: texts), to: path)
  }
}

extension ModelFile.Contents {
  /// Whether the parameter called `name` is written.
  fileprivate func includes(_ name: String) -> Bool {
    switch self {
    case .whole: true
    case .only(let names, _): names.contains(name)
    }
  }
}

extension NamedArray {
  /// A parameter as it is written: a linear weight in the order it has in memory, so that its bytes
  /// are not moved; a convolution weight as `[O, I, kH, kW]`.
  fileprivate init(asStored parameter: ParameterArray, name: String) {
    if parameter.isReversedLinear {
      self.init(name: name, shape: parameter.shape.reversed(), floats: parameter.bytes)
    } else {
      self.init(name: name, parameter)
    }
  }
}

extension ParameterArray {
  /// Whether it is a linear weight that lies `[in, out]`.
  fileprivate var isReversedLinear: Bool { layout == .inputOutput && shape.count == 2 }
}
