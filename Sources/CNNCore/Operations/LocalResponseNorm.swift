internal import CNNPlatform

/// Local response normalisation: input and result `[N, C, H, W]`.
///
///     result[c] = input[c] / (bias + alpha * sum of input[c - radius ... c + radius]^2) ^ beta
///
/// at each position; channels outside the input count as zero (AlexNet, section 3.3). `alpha` is
/// the factor of the plain sum, as in the paper and TensorFlow; see `LocalResponseNorm`.
public func localResponseNorm(
  _ input: Tensor, _ settings: LocalResponseNorm, threads: Int = 1
) -> Tensor {
  let extent = input.planeExtent
  let (channels, plane) = (input.shape[1], extent.height * extent.width)
  return input.mappingPlanes(to: extent, threads: threads) { source, target, channel in
    let first = max(0, channel - settings.radius)
    let last = min(channels - 1, channel + settings.radius)
    // The plane to write holds the sums meanwhile. They are taken afresh for each channel: a
    // running sum would keep the rounding errors of large values that have left the window.
    target.update(repeating: 0, count: plane)
    for neighbour in first...last {
      let values = source + (neighbour - channel) * plane
      for index in 0..<plane { target[index] += values[index] * values[index] }
    }
    divide(source, bySumsIn: target, count: plane, settings)
  }
}

private func divide(
  _ source: UnsafePointer<Float>, bySumsIn target: UnsafeMutablePointer<Float>, count: Int,
  _ settings: LocalResponseNorm
) {
  for index in 0..<count {
    target[index] =
      source[index] / pow(settings.bias + settings.alpha * target[index], settings.beta)
  }
}
