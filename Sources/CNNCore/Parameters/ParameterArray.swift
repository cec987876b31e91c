public import CNNSystem

/// The values of one parameter: Float32, little-endian, row-major, beginning at any byte.
///
/// It may lie in a mapped file and is then used in place. `shape` is always the network's:
/// convolution `[O, I, kH, kW]`, linear `[out, in]`; `layout` says how a weight lies in memory, so
/// the 411 MB of a TensorFlow fc6 are neither transposed nor copied.
public struct ParameterArray: Sendable {
  /// How the dimensions of a linear or convolution weight lie in memory.
  public enum Layout: String, Sendable, Hashable {
    /// `[out, in]`, `[O, I, kH, kW]`: the weights of one output are neighbours (PyTorch, Caffe).
    case outputInput
    /// `[in, out]`, `[kH, kW, I, O]`: those of one input are neighbours (TensorFlow, Keras).
    case inputOutput
  }

  /// The shape in the network's terms.
  public let shape: [Int]
  /// The order in memory; anything but `outputInput` only for linear and convolution weights.
  public let layout: Layout
  /// The numbers, four bytes each.
  public let bytes: Bytes

  /// An array over `bytes`. Precondition: the count fits the shape, and the layout the rank.
  public init(shape: [Int], layout: Layout = .outputInput, bytes: Bytes) {
    let size = Tensor.elementCount(of: shape) * MemoryLayout<Float>.stride
    precondition(bytes.count == size, "shape \(shape) needs \(size) bytes")
    precondition(
      layout == .outputInput || shape.count == 2 || shape.count == 4, "only weights have a layout")
    self.shape = shape
    self.layout = layout
    self.bytes = bytes
  }

  /// An array that shares the memory of `tensor`.
  public init(_ tensor: Tensor) {
    self.init(shape: tensor.shape, bytes: tensor.bytes)
  }

  /// The number of elements.
  public var count: Int { bytes.count / MemoryLayout<Float>.stride }

  /// Elements between neighbours in memory along each dimension of `shape`.
  public var strides: [Int] {
    // The dimensions from the one whose neighbours lie next to each other.
    let fastestFirst: [Int] =
      switch (layout, shape.count) {
      case (.outputInput, _): shape.indices.reversed()
      case (.inputOutput, 4): [0, 1, 3, 2]
      case (.inputOutput, _): Array(shape.indices)
      }
    var strides = shape
    var stride = 1
    for dimension in fastestFirst {
      strides[dimension] = stride
      stride *= shape[dimension]
    }
    return strides
  }
}
