internal import CNNKernels

/// How a direct convolution lays out its padded input; see `cnn_padding`.
struct PaddedLayout: Sendable {
  /// Elements of a pixel: the channels of a block, or 1 in a planar map.
  let length: Int
  /// Blocks, or channels of a planar map.
  let planes: Int
  let stride: Extent
  /// Whether each result reads the one pixel above it, so that no copy is needed.
  let isDense: Bool
  private let kernel: Extent
  private let input: Extent
  private let edges: Padding.Edges
  private let height: Int
  private let phases: Int
  private let phaseWidth: Int

  /// - Parameter rows: rows of results whose input is laid out at a time; nil for all.
  init(_ convolution: FusedConvolution, planar: Bool, rows: Int? = nil) {
    let window = convolution.settings.window
    input = convolution.inputExtent
    edges = window.edges(input: input)
    kernel = window.kernel
    stride = window.stride
    length = planar ? 1 : MapSlot.blockChannels
    planes =
      planar ? convolution.inputChannels : MapSlot.blocks(of: convolution.inputChannels)
    let output = convolution.outputExtent
    isDense = !planar && kernel == 1 && stride == 1 && output == input
    height = ((rows ?? output.height) - 1) * stride.height + kernel.height
    phases = min(stride.width, kernel.width)
    phaseWidth = output.width + (kernel.width - 1) / stride.width
  }

  /// Elements of a row.
  var rowSize: Int { phases * phaseWidth * length }
  /// Elements of a plane.
  var planeSize: Int { isDense ? input.height * input.width * length : height * rowSize }
  /// Elements of a picture.
  var pictureSize: Int { planes * planeSize }

  /// Where the pixels under each kernel tap begin, in the order of the packed weights:
  /// `planes` planes, then rows, then columns.
  func offsets(planes: Int) -> [Int] {
    var offsets: [Int] = []
    for plane in 0..<planes {
      for row in 0..<kernel.height {
        for column in 0..<kernel.width {
          let (offset, phase) = column.quotientAndRemainder(dividingBy: stride.width)
          offsets.append(
            plane * planeSize + row * rowSize + (phase * phaseWidth + offset) * length)
        }
      }
    }
    return offsets
  }

  /// The arguments of the copy.
  func padding(
    of start: UnsafePointer<Float>?, pictureStride: Int, into target: UnsafeMutablePointer<Float>?
  ) -> cnn_padding {
    cnn_padding(
      input: start, input_picture_stride: pictureStride, padded: target,
      padded_picture_stride: pictureSize, length: length, height: input.height,
      width: input.width, top: edges.top, left: edges.left, padded_height: height,
      phases: phases, phase_width: phaseWidth, row_stride: stride.height,
      kernel_rows: kernel.height, column_stride: stride.width)
  }
}
