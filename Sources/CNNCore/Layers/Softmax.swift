internal import CNNPlatform
package import CNNSystem

/// Probabilities over the last dimension: input and result `[..., F]`.
///
///     result[i] = exp(input[i] - max) / sum over j of exp(input[j] - max)
///
/// Subtracting the largest logit changes nothing but keeps `exp` from overflowing.
package struct Softmax: UnaryLayer {
  /// The function.
  package init() {}

  package static let name = "softmax"
  package var layer: Layer { .softmax }
  package var summary: String { "softmax" }

  package init(from settings: LayerSettings.Reader) throws {}

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] { inputs[0] }

  /// Works in place where the caller hands over the only reference to the elements.
  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
    var output = input
    guard let size = output.shape.last, size > 0 else { return output }
    output.withUnsafeMutableElements { elements in
      for begin in stride(from: 0, to: elements.count, by: size) {
        let row = begin..<begin + size
        let largest = Double(elements[row].max() ?? 0)
        var sum = 0.0
        for index in row { sum += exp(Double(elements[index]) - largest) }
        for index in row {
          elements[index] = Float(exp(Double(elements[index]) - largest) / sum)
        }
      }
    }
    return output
  }
}
