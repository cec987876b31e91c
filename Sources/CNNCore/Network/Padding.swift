/// What surrounds the input of a convolution or pooling. Weights of different origin need
/// different rules, so every node states its own.
public enum Padding: Sendable, Hashable {
  /// None: the window stays inside. Output `ceil((in - kernel + 1) / stride)`.
  case valid
  /// TensorFlow's rule: output `ceil(in / stride)`; the odd row or column goes to the bottom and
  /// right.
  case same
  /// Rows and columns on each side.
  case explicit(Edges)

  /// The same number of rows and columns on each side.
  public static func explicit(_ amount: Int) -> Padding {
    .explicit(Edges(top: amount, left: amount, bottom: amount, right: amount))
  }

  /// Numbers of padded rows (top, bottom) and columns (left, right).
  public struct Edges: Sendable, Hashable {
    /// Rows above.
    public var top: Int
    /// Columns on the left.
    public var left: Int
    /// Rows below.
    public var bottom: Int
    /// Columns on the right.
    public var right: Int

    /// Edges from their four sizes.
    public init(top: Int, left: Int, bottom: Int, right: Int) {
      self.top = top
      self.left = left
      self.bottom = bottom
      self.right = right
    }
  }

  /// The edges for an input and a window.
  public func edges(input: Extent, kernel: Extent, stride: Extent) -> Edges {
    switch self {
    case .valid: return Edges(top: 0, left: 0, bottom: 0, right: 0)
    case .explicit(let edges): return edges
    case .same:
      func total(_ size: Int, _ kernel: Int, _ stride: Int) -> Int {
        max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size)
      }
      let rows = total(input.height, kernel.height, stride.height)
      let columns = total(input.width, kernel.width, stride.width)
      return Edges(
        top: rows / 2, left: columns / 2, bottom: rows - rows / 2, right: columns - columns / 2)
    }
  }
}
