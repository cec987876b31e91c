public import CNNSystem
internal import CNNWeights

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
