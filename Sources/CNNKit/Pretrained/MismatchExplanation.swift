internal import CNNCore
public import CNNSystem
internal import CNNWeights

/// Finds out which model arrays belong to that do not fit the one they were loaded for.
struct MismatchExplanation {
  let arrays: NamedArrays
  let model: CNNModel
  let options: LoadingOptions

  /// `error` with a remedy: the input size at which the arrays fit the model, or the models of the
  /// catalogue whose weights they are.
  func applied(to error: CNNError) -> CNNError {
    var error = error
    if let classes = options.classes, let count = model.classCount(in: arrays), count != classes {
      error.remedy = "They were made for \(count) classes, not \(classes)"
    } else if model.fits(arrays) {
      error.remedy = unlikeInput
    } else {
      let names = CNNModel.allCases.filter { $0.name != model.name && $0.fits(arrays) }.map(\.name)
      guard !names.isEmpty else { return error }
      // They were made for another network, so it does not help to list what is missing.
      error.details = []
      error.remedy = "They are weights of \(names.joined(separator: " or "))"
    }
    return error
  }

  /// How the input differs from the model's own, which the arrays fit.
  private var unlikeInput: CNNError.Remedy {
    let own = model.defaults
    if let channels = options.preprocessing?.inputChannels, channels != own.inputChannels {
      return """
        They were made for pictures of \(own.inputChannels) channels, and the preprocessing makes \
        \(channels)
        """
    }
    return """
      They fit \(model.name) at its own input size \(own.inputSize): the first linear layer grows \
      and shrinks with the input
      """
  }
}

extension CNNModel {
  /// Whether `arrays` are exactly those of this model at its own input size, for any number of
  /// classes.
  func fits(_ arrays: NamedArrays) -> Bool {
    var options = defaults
    options.classes = classCount(in: arrays) ?? options.classes
    guard let network = try? network(options) else { return false }
    return BoundWeights.fits(arrays, network)
  }

  /// The number of classes in the file, read as one of this model.
  fileprivate func classCount(in arrays: NamedArrays) -> Int? {
    guard let network = try? network() else { return nil }
    guard let (arrays, layout) = try? arrays.matched(to: network) else { return nil }
    return layout.classCount(in: arrays, for: network)
  }
}

extension CNNError.Code {
  /// Plain weights do not say which network they are for, and nobody else did.
  public static let modelNeeded = CNNError.Code(rawValue: "model-needed")
}

extension CNNError {
  /// The error for plain weights without the name of their network; it names the models of the
  /// catalogue that they fit.
  static func modelNeeded(for arrays: NamedArrays) -> CNNError {
    let names = CNNModel.allCases.filter { $0.fits(arrays) }.map(\.name)
    return CNNError(
      .usage, .modelNeeded, "the file does not say which network its weights are for",
      subject: arrays.path?.displayName,
      found: names.isEmpty ? nil : "weights of " + names.joined(separator: " or "),
      remedy: CNNError.Remedy(
        "Name the model" + (names.first.map { ": \($0)" } ?? ""), action: .nameModel))
  }
}
