internal import CNNCore

/// The gradient of each input is its part of the gradient of the result.
extension Concat: TrainableLayer {
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Void> {
    LayerForward(output: run(inputs, threads: context.threads), saved: ())
  }

  func backward(
    _ saved: Void, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let shapes = context.inputShapes(outputGradient)
    let parts = Self.inputGradients(inputs: shapes, outputGradient: outputGradient)
    return LayerGradients(inputs: zip(context.node.passesGradient, parts).map { $0 ? $1 : nil })
  }

  /// The gradients of tensors that were joined along the channels.
  ///
  /// - Parameters:
  ///   - shapes: `[N, Ci, H, W]` of each input.
  ///   - outputGradient: the gradient of the result, `[N, sum of Ci, H, W]`.
  static func inputGradients(inputs shapes: [[Int]], outputGradient: Tensor) -> [Tensor] {
    let picture = outputGradient.count / max(1, outputGradient.shape[0])
    var offset = 0
    return shapes.map { shape in
      let size = shape[1...].reduce(1, *)
      defer { offset += size }
      return Tensor(uninitialized: shape) { target in
        outputGradient.withUnsafeElements { source in
          for index in 0..<shape[0] {
            let begin = index * picture + offset
            _ = target[(index * size)...].update(fromContentsOf: source[begin..<begin + size])
          }
        }
      }
    }
  }
}
