/// A height and a width, in elements: of a kernel, a stride, a picture. An integer literal means a
/// square: `let kernel: Extent = 3`.
public struct Extent: Sendable, Hashable, Codable {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// An extent of `height` rows and `width` columns.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(square side: Int) { self.init(height: side, width: side) }
}

extension Extent: ExpressibleByIntegerLiteral {
  /// A square.
  public init(integerLiteral side: Int) { self.init(square: side) }
}

extension Extent: CustomStringConvertible {
  /// `3x3`, height first.
  public var description: String { "\(height)x\(width)" }
}

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
  package func edges(input: Extent, kernel: Extent, stride: Extent) -> Edges {
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
  package func edges(input: Extent) -> Padding.Edges {
    padding.edges(input: input, kernel: kernel, stride: stride)
  }

  /// The size of the output: `round((in + padding - kernel) / stride) + 1` each way, or nil where
  /// the kernel does not fit into the padded input.
  package func outputExtent(input: Extent) -> Extent? {
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

extension Window: CustomStringConvertible {
  /// `3x3 /2, pad 1, ceil`: kernel, stride, and whatever differs from the defaults.
  public var description: String {
    var text = "\(kernel)"
    if stride != 1 { text += stride.height == stride.width ? " /\(stride.height)" : " /\(stride)" }
    switch padding {
    case .valid: break
    case .same: text += ", same"
    case .explicit(let edges):
      let sides = Set([edges.top, edges.left, edges.bottom, edges.right])
      if sides == [0] { break }
      let all = "\(edges.top) \(edges.left) \(edges.bottom) \(edges.right)"
      text += ", pad " + (sides.count == 1 ? "\(edges.top)" : all)
    }
    return rounding == .ceil ? text + ", ceil" : text
  }
}
