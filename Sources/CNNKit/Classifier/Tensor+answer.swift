package import CNNCore
public import CNNSystem

extension Tensor {
  /// Refuses what a network has answered where it is not all numbers: weights that are NaN, infinite
  /// or too large lead to that.
  ///
  /// - Parameters:
  ///   - domain: the rail of the error.
  ///   - picture: what the network was asked about.
  /// - Throws: `answerNotFinite`.
  package func requireFiniteAnswer(
    _ domain: CNNError.Domain, about picture: String? = nil
  ) throws(CNNError) {
    guard elements.allSatisfy(\.isFinite) else {
      throw CNNError(
        domain, .answerNotFinite, "the network's answer is not a number", subject: picture,
        remedy: "Its weights are broken, or not for this network")
    }
  }
}

extension CNNError.Code {
  /// A network's answer that is NaN or infinite.
  public static let answerNotFinite = CNNError.Code(rawValue: "answer-not-finite")
}
