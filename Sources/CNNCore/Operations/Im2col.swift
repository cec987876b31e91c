/// The lowering of a convolution to a matrix product: each output element is computed from a patch
/// of the input, and the patches are the columns of a matrix `[C * kH * kW, oH * oW]`.
///
/// Chellapilla, Puri, Simard: High Performance Convolutional Neural Networks for Document
/// Processing, https://inria.hal.science/inria-00112631.
package struct Im2col: Sendable {
  /// Channels of the input, C.
  package let channels: Int
  /// Rows and columns of the input.
  package let input: Extent
  /// Rows and columns of the output.
  package let output: Extent
  /// Rows and columns of the kernel.
  package let kernel: Extent
  /// Step between two patches.
  package let stride: Extent
  /// What surrounds the input.
  package let edges: Padding.Edges

  /// The lowering of `channels` feature maps. Precondition: the window fits the padded input.
  package init(channels: Int, input: Extent, window: Window) {
    guard let output = window.outputExtent(input: input) else {
      preconditionFailure("a \(window.kernel) kernel does not fit a \(input) input")
    }
    self.channels = channels
    self.input = input
    self.output = output
    kernel = window.kernel
    stride = window.stride
    edges = window.edges(input: input)
  }

  /// Rows of the matrix: elements of a patch, C * kH * kW.
  package var patchSize: Int { channels * kernel.height * kernel.width }

  /// Whether the matrix is the input itself, so that no patches are written: a 1x1 kernel with
  /// stride 1 and no padding.
  package var isInput: Bool {
    kernel == 1 && stride == 1 && edges == Padding.Edges(top: 0, left: 0, bottom: 0, right: 0)
  }

  /// Writes the patches under the output rows `rows`.
  ///
  /// - Parameters:
  ///   - source: one picture `[C, H, W]`.
  ///   - target: `[C * kH * kW, rows.count * oW]`.
  package func write(
    outputRows rows: Range<Int>, of source: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    var target = target
    for channel in 0..<channels {
      let plane = source + channel * input.height * input.width
      for kernelRow in 0..<kernel.height {
        for kernelColumn in 0..<kernel.width {
          for row in rows {
            let inputRow = row * stride.height + kernelRow - edges.top
            if inputRow >= 0 && inputRow < input.height {
              writeRow(plane + inputRow * input.width, shift: kernelColumn - edges.left, to: target)
            } else {
              target.update(repeating: 0, count: output.width)
            }
            target += output.width
          }
        }
      }
    }
  }

  /// Writes `source[column * stride + shift]` for each output column, zero outside the row.
  private func writeRow(
    _ source: UnsafePointer<Float>, shift: Int, to target: UnsafeMutablePointer<Float>
  ) {
    func firstColumn(reaching position: Int) -> Int {
      let distance = max(0, position - shift)
      return min(output.width, (distance + stride.width - 1) / stride.width)
    }
    let begin = firstColumn(reaching: 0)
    let end = max(begin, firstColumn(reaching: input.width))
    target.update(repeating: 0, count: begin)
    if stride.width == 1 {
      (target + begin).update(from: source + (begin + shift), count: end - begin)
    } else {
      for column in begin..<end { target[column] = source[column * stride.width + shift] }
    }
    (target + end).update(repeating: 0, count: output.width - end)
  }
}
