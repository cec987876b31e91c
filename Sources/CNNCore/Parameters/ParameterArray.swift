public import CNNSystem

/// The values of one parameter: Float32, little-endian, row-major, beginning at any byte.
///
/// It may lie in a mapped file and is then used in place. `shape` is always the network's:
/// convolution `[O, I, kH, kW]`, linear `[out, in]`; `layout` says how a linear weight lies in
/// memory, so the 411 MB of a TensorFlow fc6 are neither transposed nor copied.
public struct ParameterArray: Sendable {
  /// How the two dimensions of a linear weight lie in memory.
  public enum Layout: String, Sendable, Hashable {
    /// `[out, in]`: the weights of one output are neighbours (PyTorch, Caffe).
    case outputInput
    /// `[in, out]`: the weights of one input are neighbours (TensorFlow, Keras).
    case inputOutput
  }

  /// The shape in the network's terms.
  public let shape: [Int]
  /// The order in memory; anything but `outputInput` only where `shape` is `[out, in]`.
  public let layout: Layout
  /// The numbers, four bytes each.
  public let bytes: Bytes

  /// An array over `bytes`. Precondition: the count fits the shape, and the layout the rank.
  public init(shape: [Int], layout: Layout = .outputInput, bytes: Bytes) {
    let size = Tensor.elementCount(of: shape) * MemoryLayout<Float>.stride
    precondition(bytes.count == size, "shape \(shape) needs \(size) bytes")
    precondition(layout == .outputInput || shape.count == 2, "only linear weights have a layout")
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

  /// A copy in memory of our own, aligned and in the order of `shape`.
  public func tensor() -> Tensor {
    Tensor(uninitialized: shape) { target in
      bytes.withUnsafeBytes { source in
        switch layout {
        case .outputInput:
          UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
        case .inputOutput:
          let (outputs, inputs) = (shape[0], shape[1])
          for output in 0..<outputs {
            for input in 0..<inputs {
              target[output * inputs + input] = source.loadUnaligned(
                fromByteOffset: (input * outputs + output) * MemoryLayout<Float>.stride,
                as: Float.self)
            }
          }
        }
      }
    }
  }
}
