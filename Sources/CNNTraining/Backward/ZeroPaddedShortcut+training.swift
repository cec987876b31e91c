internal import CNNCore

extension ZeroPaddedShortcut: TrainableLayer {
  func backward(
    _ saved: Void, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let shape = context.inputShapes(outputGradient)[0]
    return LayerGradients(inputs: [inputGradient(input: shape, outputGradient: outputGradient)])
  }

  /// The gradient of the input of a zero-padded shortcut: gradient of the result
  /// `[N, channels, oH, oW]`, gradient `[N, C, H, W]`.
  ///
  /// The elements that were read receive the gradient of their copy, the others 0; the added
  /// channels are constants.
  func inputGradient(input shape: [Int], outputGradient: Tensor) -> Tensor {
    let (channels, rows, columns) = (
      outputGradient.shape[1], outputGradient.shape[2], outputGradient.shape[3]
    )
    let added = channels - shape[1]
    var result = Tensor(zeros: shape)
    result.withUnsafeMutableElements { target in
      outputGradient.withUnsafeElements { source in
        for picture in 0..<shape[0] {
          for channel in 0..<shape[1] {
            let targetPlane = (picture * shape[1] + channel) * shape[2] * shape[3]
            let sourcePlane = (picture * channels + added / 2 + channel) * rows * columns
            for row in 0..<rows {
              for column in 0..<columns {
                target[targetPlane + (row * shape[3] + column) * stride] =
                  source[sourcePlane + row * columns + column]
              }
            }
          }
        }
      }
    }
    return result
  }
}
