internal import CNNPlatform

/// Probabilities over the last dimension: input and result `[..., F]`.
///
///     result[i] = exp(input[i] - max) / sum over j of exp(input[j] - max)
///
/// Subtracting the largest logit changes nothing but keeps `exp` from overflowing.
public func softmax(_ input: consuming Tensor) -> Tensor {
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
