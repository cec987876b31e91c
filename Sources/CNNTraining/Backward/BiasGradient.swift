internal import CNNCore
internal import CNNSystem

/// The gradient of a bias: the gradient of the result, `[N, C, H, W]` or `[N, C]`, summed over
/// everything but its channels. In double precision, in the order of memory.
func biasGradient(_ outputGradient: Tensor, threads: Int) -> Tensor {
  let (count, channels) = (outputGradient.shape[0], outputGradient.shape[1])
  let plane = outputGradient.shape[2...].reduce(1, *)
  let sums = Workers.map(count: channels, threads: threads) { channel in
    outputGradient.withUnsafeElements { elements in
      var sum = 0.0
      for picture in 0..<count {
        let begin = (picture * channels + channel) * plane
        for index in begin..<begin + plane { sum += Double(elements[index]) }
      }
      return Float(sum)
    }
  }
  return Tensor(shape: [channels], elements: sums)
}
