import CNNCore
import CNNTestSupport

extension Tensor {
  /// The sum of the products of the elements, in double precision.
  func dot(_ other: Tensor) -> Double {
    zip(elements, other.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// `self + factor * other`.
  func adding(_ factor: Float, _ other: Tensor) -> Tensor {
    Tensor(
      shape: shape, elements: zip(elements, other.elements).map { $0 + factor * $1 })
  }
}
