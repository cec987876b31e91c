package import CNNSystem

/// A pooling by a window that slides over each plane: input `[N, C, H, W]`, result
/// `[N, C, oH, oW]` with `oH = round((H + top + bottom - kH) / stride) + 1`, rounded as the window
/// says.
package protocol SlidingPool: UnaryLayer {
  /// Kernel, stride, padding and rounding.
  var window: Window { get }

  /// A pooling by a window.
  init(_ window: Window)
}

extension SlidingPool {
  package init(from settings: LayerSettings.Reader) throws { self.init(try settings.window()) }

  package func write(to settings: inout LayerSettings.Writer) throws {
    try settings.write(window)
    try settings.write(window.rounding.rawValue, "rounding")
  }

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    let input = inputs[0]
    try requireMap(input)
    let size = try slide(window, over: input)
    let edges = window.edges(input: Extent(height: input[1], width: input[2]))
    // A window in the padding alone would have no element to take the largest or the mean of.
    try require(
      max(edges.top, edges.bottom) < window.kernel.height
        && max(edges.left, edges.right) < window.kernel.width,
      "the padding of a pooling must be smaller than its \(window.kernel) kernel", input)
    return [input[0]] + size
  }
}
