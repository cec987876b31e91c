package import CNNSystem

/// Every `stride`-th row and column, with zero channels before and after: input `[N, C, H, W]`,
/// result `[N, channels, ceil(H / stride), ceil(W / stride)]`.
///
/// The parameter-free shortcut "option A" of ResNet (arXiv 1512.03385, section 3.3). The added
/// channels are an even number.
package struct ZeroPaddedShortcut: UnaryLayer {
  /// Channels of the result.
  package let channels: Int
  /// Step between two rows, and between two columns.
  package let stride: Int

  /// A shortcut from its settings.
  package init(channels: Int, stride: Int) {
    self.channels = channels
    self.stride = stride
  }

  package static let name = "zeroPaddedShortcut"
  package var layer: Layer { .zeroPaddedShortcut(channels: channels, stride: stride) }
  package var summary: String { "shortcut /\(stride), zero channels" }

  package init(from settings: LayerSettings.Reader) throws {
    self.init(
      channels: try settings.count("channels"), stride: try settings.extent("stride").height)
  }

  package func write(to settings: inout LayerSettings.Writer) throws {
    try settings.write(channels, "channels")
    try settings.write(Extent(square: stride), "stride")
  }

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    let input = inputs[0]
    try requireMap(input)
    try requireSetting(stride >= 1, "the stride must be at least 1")
    try require(
      channels >= input[0] && (channels - input[0]) % 2 == 0,
      "zero channels can only be added evenly to reach \(channels)", input)
    return [channels, (input[1] + stride - 1) / stride, (input[2] + stride - 1) / stride]
  }

  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
    let input = input
    let extent = input.planeExtent
    let added = channels - input.shape[1]
    precondition(added >= 0 && added % 2 == 0, "the added channels are an even number")
    let (rows, columns) = (
      (extent.height + stride - 1) / stride, (extent.width + stride - 1) / stride
    )
    var output = Tensor(zeros: [input.shape[0], channels, rows, columns])
    output.withUnsafeMutableElements { target in
      input.withUnsafeElements { source in
        for picture in 0..<input.shape[0] {
          for channel in 0..<input.shape[1] {
            let sourcePlane = (picture * input.shape[1] + channel) * extent.height * extent.width
            let targetPlane = (picture * channels + added / 2 + channel) * rows * columns
            for row in 0..<rows {
              for column in 0..<columns {
                target[targetPlane + row * columns + column] =
                  source[sourcePlane + (row * extent.width + column) * stride]
              }
            }
          }
        }
      }
    }
    return output
  }
}
