package import CNNSystem

/// The mean of each window over its elements inside the input.
///
/// Padding counts neither in the sum nor in the number of elements (TensorFlow's rule; PyTorch's
/// `count_include_pad=False`).
package struct AveragePool: SlidingPool {
  package let window: Window
  package init(_ window: Window) { self.window = window }

  package static let name = "averagePool"
  package var layer: Layer { .averagePool(window) }
  package var summary: String { "average pool \(window)" }

  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
    input.meanPooled(PoolingCells(window, input: input.planeExtent), threads: threads)
  }
}

/// The mean of each cell of an even division: input `[N, C, H, W]`, result `[N, C, size]`.
///
/// Cell i of an axis reaches from `floor(i * in / out)` to `ceil((i + 1) * in / out)` (PyTorch's
/// `AdaptiveAvgPool2d`), so an input smaller than `size` is repeated.
package struct AdaptiveAveragePool: UnaryLayer {
  /// Rows and columns of the result.
  package let size: Extent

  /// A pooling to so many rows and columns.
  package init(_ size: Extent) { self.size = size }

  package static let name = "adaptiveAveragePool"
  package var layer: Layer { .adaptiveAveragePool(size) }
  package var summary: String { "average pool to \(size)" }

  package init(from settings: LayerSettings.Reader) throws {
    self.init(try settings.extent("size"))
  }

  package func write(to settings: inout LayerSettings.Writer) throws {
    try settings.write(size, "size")
  }

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    try requireMap(inputs[0])
    return [inputs[0][0], size.height, size.width]
  }

  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
    input.meanPooled(PoolingCells(adaptive: size, input: input.planeExtent), threads: threads)
  }
}

/// The mean of each channel: input `[N, C, H, W]`, result `[N, C]` (arXiv 1312.4400, section 3.2).
package struct GlobalAveragePool: UnaryLayer {
  /// The pooling.
  package init() {}

  package static let name = "globalAveragePool"
  package var layer: Layer { .globalAveragePool }
  package var summary: String { "global average pool" }

  package init(from settings: LayerSettings.Reader) throws {}

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    try requireMap(inputs[0])
    return [inputs[0][0]]
  }

  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
    let shape = Array(input.shape[..<2])
    return AdaptiveAveragePool(1)(input, threads: threads).reshaped(shape)
  }
}
