/// How an output size that is not whole is rounded.
public enum Rounding: String, Sendable, Hashable {
  /// Windows that would leave the input are dropped (PyTorch's and TensorFlow's default).
  case floor
  /// One more window is added at the edge (Caffe's pooling); it must begin inside the input or
  /// its leading padding.
  case ceil
}

/// A kernel that slides over a picture: the geometry that convolution and pooling share.
public struct Window: Sendable, Hashable {
  /// Rows and columns of the kernel.
  public var kernel: Extent
  /// Step between two windows.
  public var stride: Extent
  /// What surrounds the input.
  public var padding: Padding
  /// Treatment of a last window that is only partly inside.
  public var rounding: Rounding

  /// A window from its parts.
  public init(
    kernel: Extent, stride: Extent = 1, padding: Padding = .valid, rounding: Rounding = .floor
  ) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.rounding = rounding
  }

  /// The padding in rows and columns for an input of this size.
  public func edges(input: Extent) -> Padding.Edges {
    padding.edges(input: input, kernel: kernel, stride: stride)
  }

  /// The size of the output: `round((in + padding - kernel) / stride) + 1` each way, or nil where
  /// the kernel does not fit into the padded input.
  public func outputExtent(input: Extent) -> Extent? {
    let edges = edges(input: input)
    guard
      let height = positions(
        input.height, before: edges.top, after: edges.bottom, kernel.height, stride.height),
      let width = positions(
        input.width, before: edges.left, after: edges.right, kernel.width, stride.width)
    else { return nil }
    return Extent(height: height, width: width)
  }

  private func positions(
    _ size: Int, before: Int, after: Int, _ kernel: Int, _ stride: Int
  ) -> Int? {
    let room = size + before + after - kernel
    guard size > 0, room >= 0 else { return nil }
    switch rounding {
    case .floor:
      return room / stride + 1
    case .ceil:
      let count = (room + stride - 1) / stride + 1
      // Caffe and PyTorch alike: a window that begins in the trailing padding is dropped.
      return (count - 1) * stride >= size + before ? count - 1 : count
    }
  }
}
