package import CNNSystem

/// The order in which a feature map becomes a vector; the linear layer after it was trained with
/// one of the two.
public enum FlattenOrder: String, Sendable, Hashable, Codable {
  /// C, H, W (PyTorch, Caffe): the order in memory, so nothing moves.
  case channelHeightWidth = "CHW"
  /// H, W, C (TensorFlow, Keras).
  case heightWidthChannel = "HWC"
}

/// Feature maps as vectors: input `[N, C, H, W]`, result `[N, C * H * W]`.
package struct Flatten: UnaryLayer {
  /// The order of the elements of the vector.
  package let order: FlattenOrder

  /// Flattening in an order.
  package init(_ order: FlattenOrder) { self.order = order }

  package static let name = "flatten"
  package var layer: Layer { .flatten(order) }
  package var summary: String { order == .channelHeightWidth ? "flatten" : "flatten HWC" }

  package init(from settings: LayerSettings.Reader) throws {
    self.init(try settings.value("order", as: FlattenOrder.self))
  }

  package func write(to settings: inout LayerSettings.Writer) throws {
    try settings.write(order, "order")
  }

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    try requireMap(inputs[0])
    return [inputs[0].reduce(1, *)]
  }

  /// In the order C, H, W the elements are shared, in the order H, W, C they are moved.
  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
    let extent = input.planeExtent
    let (count, channels, plane) = (input.shape[0], input.shape[1], extent.height * extent.width)
    switch order {
    case .channelHeightWidth:
      return input.reshaped([count, channels * plane])
    case .heightWidthChannel:
      return Tensor(uninitialized: [count, channels * plane]) { target in
        input.withUnsafeElements { source in
          for picture in 0..<count {
            let offset = picture * channels * plane
            for position in 0..<plane {
              for channel in 0..<channels {
                target[offset + position * channels + channel] =
                  source[offset + channel * plane + position]
              }
            }
          }
        }
      }
    }
  }
}
