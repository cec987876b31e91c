package import CNNCore
internal import CNNImage
package import CNNSystem
internal import CNNWeights

extension ModelFile {
  /// What a file becomes when it is loaded.
  struct Parts {
    let network: Network
    let parameters: Parameters
    let preprocessing: Preprocessing
    let labels: LabelSet
  }

  /// The network with its parameters.
  ///
  /// - Parameters:
  ///   - model: what the caller takes the file for; nil for whatever it says.
  ///   - options: what the file should not decide.
  ///   - lastNode: the last node that is needed; nil for the whole network.
  func parts(
    as model: CNNModel?, options: LoadingOptions, upTo lastNode: String?
  ) throws(CNNError) -> Parts {
    let (whole, preprocessing) = try adapted(to: model, options)
    let last = try lastNode.map { (name) throws(CNNError) in try whole.resolve(layer: name).name }
    let network = last.map { whole.truncated(after: $0) } ?? whole
    try network.requireMemory(parametersAreMapped: true)
    return Parts(
      network: network,
      parameters: try parameters(
        upTo: last, base: options.base, allowsNonFinite: options.allowsNonFinite),
      preprocessing: preprocessing,
      labels: try options.labels(count: description.network.classCount, usual: description.labels))
  }

  /// The network, with the input that `options` ask for.
  ///
  /// - Throws: `mismatch` where `model` or `options` say otherwise than the file.
  package func network(
    as model: CNNModel? = nil, options: LoadingOptions = LoadingOptions()
  ) throws(CNNError) -> Network {
    try adapted(to: model, options).network
  }

  private func adapted(
    to model: CNNModel?, _ options: LoadingOptions
  ) throws(CNNError) -> (network: Network, preprocessing: Preprocessing) {
    try checkModel(model)
    try checkLayout(options.layout)
    try checkClasses(options.classes)
    let preprocessing = try preprocessing(options)
    return (try network(for: preprocessing), preprocessing)
  }

  private func checkModel(_ model: CNNModel?) throws(CNNError) {
    guard let model, model.name != description.model else { return }
    throw failure(
      "the file holds another model", found: description.model ?? description.network.name,
      expected: model.name, remedy: "No model need be named: the file says what it holds")
  }

  private func checkLayout(_ layout: WeightsLayout?) throws(CNNError) {
    guard let layout, layout != .native else { return }
    throw failure(
      "a model file has names of its own", found: layout.rawValue,
      expected: WeightsLayout.native.rawValue)
  }

  private func checkClasses(_ count: Int?) throws(CNNError) {
    guard let count, count != description.network.classCount else { return }
    throw failure(
      "the file holds a model of other classes", found: "\(description.network.classCount)",
      expected: "\(count)")
  }

  private func preprocessing(_ options: LoadingOptions) throws(CNNError) -> Preprocessing {
    let chosen = options.preprocessing ?? description.preprocessing
    guard let size = options.inputSize else { return chosen }
    return try chosen.forInput(size: size)
  }

  /// The network for what `preprocessing` makes: its own, or the same steps at another size where
  /// the parameters stay the same.
  private func network(for preprocessing: Preprocessing) throws(CNNError) -> Network {
    let network = description.network
    let shape =
      [preprocessing.inputChannels, preprocessing.inputSize.height]
      + [preprocessing.inputSize.width]
    guard shape != network.inputShape else { return network }
    let other = try Network(
      name: network.name, inputShape: shape,
      steps: network.nodes.map { ($0.name, $0.layer, $0.inputs) })
    guard other.parameters == network.parameters else {
      throw failure(
        "the model cannot take this input: its first layers would need other weights",
        found: shape.shapeDescription, expected: network.inputShape.shapeDescription)
    }
    return other
  }

  private func failure(
    _ problem: String, found: String, expected: String, remedy: CNNError.Remedy? = nil
  ) -> CNNError {
    CNNError(
      .usage, .mismatch, problem, subject: arrays.path?.displayName, found: found,
      expected: expected, remedy: remedy)
  }
}
