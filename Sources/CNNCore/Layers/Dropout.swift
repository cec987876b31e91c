package import CNNSystem

/// Dropout (Srivastava et al., JMLR 15, 2014): the identity at inference. In training each element
/// is dropped with a probability, and the others are scaled so that inference needs no factor.
package struct Dropout: UnaryLayer {
  /// Probability of dropping an element, at least 0 and below 1.
  package let rate: Float

  /// Dropout of a rate.
  package init(rate: Float) { self.rate = rate }

  package static let name = "dropout"
  package var layer: Layer { .dropout(rate: rate) }
  package var summary: String { "dropout \(rate)" }

  package init(from settings: LayerSettings.Reader) throws {
    self.init(rate: try settings.number("rate", in: 0..<1))
  }

  package func write(to settings: inout LayerSettings.Writer) throws {
    try settings.write(rate, "rate")
  }

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    try requireSetting((0..<1).contains(rate), "a dropout rate must be at least 0 and below 1")
    return inputs[0]
  }

  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor { input }
}
