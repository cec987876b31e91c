/// Every `stride`-th row and column, with zero channels before and after: input `[N, C, H, W]`,
/// result `[N, channels, ceil(H / stride), ceil(W / stride)]`.
///
/// The parameter-free shortcut "option A" of ResNet (arXiv 1512.03385, section 3.3). Precondition:
/// the added channels are an even number.
public func zeroPaddedShortcut(_ input: Tensor, channels: Int, stride: Int) -> Tensor {
  let extent = input.planeExtent
  let added = channels - input.shape[1]
  precondition(added >= 0 && added % 2 == 0, "the added channels are an even number")
  precondition(stride > 0, "the stride is positive")
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
