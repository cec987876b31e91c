import CNNTraining

/// An evaluation as `--json` prints it: the numbers of `EvaluationSummary`, and what they are about.
struct EvaluationRecord: Encodable {
  let summary: EvaluationSummary
  /// The network's name.
  let model: String
  /// The data set.
  let data: String
  /// Pictures that could not be read and were left out.
  let skipped: Int

  private enum CodingKeys: String, CodingKey {
    case model, data, skipped
  }

  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(data, forKey: .data)
    try container.encode(skipped, forKey: .skipped)
  }
}
