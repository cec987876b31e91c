import CNNCore

/// A convolution in bfloat16 by plain loops: everything that is multiplied is rounded as the kernels
/// round it, by the same operations in 32 bits before; products are exact in double precision and so,
/// nearly, are the sums.
struct BFloat16Reference {
  /// `[O, C / groups, kH, kW]` and `[O]`.
  let weight: Tensor
  let bias: [Float]
  let settings: Convolution
  /// Rows and columns of results in a Winograd tile; nil for a direct convolution.
  let tileResults: Int?

  /// The nearest bfloat16, ties to even; below 2^-126 the processor takes 0.
  static func rounded(_ number: Float) -> Float {
    let bits = number.bitPattern
    guard number.magnitude >= .leastNormalMagnitude else { return 0 }
    return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
  }

  /// `[O, H', W']` for a picture `[C, H, W]`.
  func result(_ input: Tensor) -> Tensor {
    let (extent, window) = (Extent(height: input.shape[1], width: input.shape[2]), settings.window)
    let padded = Plane.padded(input, window.edges(input: extent))
    let output = Extent(
      height: (padded[0].height - window.kernel.height) / window.stride.height + 1,
      width: (padded[0].width - window.kernel.width) / window.stride.width + 1)
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let kernels = weight.elements
    let size = window.kernel.height * window.kernel.width
    var result: [Float] = []
    let tiles = tileResults.map { WinogradReference(kernel: window.kernel.height, results: $0) }
    let transformed = tiles.map { tiles in padded.map { tiles.transformed($0, output) } }
    for channel in 0..<outputs {
      var sums = [Double](repeating: Double(bias[channel]), count: output.height * output.width)
      var products = [Double](
        repeating: 0, count: tiles.map { $0.tileCount(output) * $0.points } ?? 0)
      let firstInput = channel / (outputs / settings.groups) * inputs
      for input in 0..<inputs {
        let first = (channel * inputs + input) * size
        let kernel = Array(kernels[first..<first + size])
        if let tiles, let transformed {
          let weights = tiles.transformed(kernel).map(Double.init)
          for (index, number) in transformed[firstInput + input].enumerated() {
            products[index] += Double(number) * weights[index % tiles.points]
          }
        } else {
          add(kernel.map(Self.rounded), padded[firstInput + input], output, to: &sums)
        }
      }
      tiles?.finish(products, output, adding: &sums)
      result += sums.map(Float.init)
    }
    return Tensor(shape: [outputs, output.height, output.width], elements: result)
  }

  private func add(
    _ kernel: [Float], _ plane: Plane, _ output: Extent, to sums: inout [Double]
  ) {
    let (stride, width) = (settings.window.stride, settings.window.kernel.width)
    for row in 0..<output.height {
      for column in 0..<output.width {
        for (tap, weight) in kernel.enumerated() {
          let input = plane[
            row * stride.height + tap / width, column * stride.width + tap % width]
          sums[row * output.width + column] += Double(weight) * Double(Self.rounded(input))
        }
      }
    }
  }
}

/// One channel with its padding; zeros beyond.
struct Plane {
  let height: Int
  let width: Int
  private let elements: [Float]

  subscript(row: Int, column: Int) -> Float {
    row < height && column < width ? elements[row * width + column] : 0
  }

  /// The channels of `input` `[C, H, W]`.
  static func padded(_ input: Tensor, _ edges: Padding.Edges) -> [Plane] {
    let (height, width) = (input.shape[1], input.shape[2])
    let paddedWidth = width + edges.left + edges.right
    let numbers = input.elements
    return (0..<input.shape[0]).map { channel in
      var elements = [Float](
        repeating: 0, count: (height + edges.top + edges.bottom) * paddedWidth)
      for row in 0..<height {
        for column in 0..<width {
          elements[(row + edges.top) * paddedWidth + column + edges.left] =
            numbers[(channel * height + row) * width + column]
        }
      }
      return Plane(
        height: height + edges.top + edges.bottom, width: paddedWidth, elements: elements)
    }
  }
}
