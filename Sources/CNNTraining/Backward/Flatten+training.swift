internal import CNNCore

extension Flatten: TrainableLayer {
  func backward(
    _ saved: Void, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let shape = context.inputShapes(outputGradient)[0]
    return LayerGradients(inputs: [inputGradient(input: shape, outputGradient: outputGradient)])
  }

  /// The gradient of feature maps from that of their vector `[N, C * H * W]`: flatten moves elements,
  /// so their gradients move back.
  ///
  /// - Parameter shape: of the feature maps, `[N, C, H, W]`.
  func inputGradient(input shape: [Int], outputGradient: Tensor) -> Tensor {
    switch order {
    case .channelHeightWidth:
      return outputGradient.reshaped(shape)
    case .heightWidthChannel:
      let (channels, plane) = (shape[1], shape[2] * shape[3])
      return Tensor(uninitialized: shape) { target in
        outputGradient.withUnsafeElements { source in
          for picture in 0..<shape[0] {
            let offset = picture * channels * plane
            for channel in 0..<channels {
              for position in 0..<plane {
                target[offset + channel * plane + position] =
                  source[offset + position * channels + channel]
              }
            }
          }
        }
      }
    }
  }
}
