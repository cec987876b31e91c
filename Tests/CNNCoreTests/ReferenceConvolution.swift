import Testing

/// A convolution of a batch and its gradients by plain loops in double precision.
struct ReferenceConvolution: Sendable, CustomTestStringConvertible {
  var pictures = 2
  let channels: Int
  let height: Int
  let width: Int
  let outputs: Int
  let rows: Int
  let columns: Int
  var stride = 1
  var top = 0
  var left = 0
  var bottom = 0
  var right = 0
  var groups = 1

  var outputHeight: Int { (height + top + bottom - rows) / stride + 1 }
  var outputWidth: Int { (width + left + right - columns) / stride + 1 }
  var taps: Int { rows * columns }
  var groupInputs: Int { channels / groups }
  var groupOutputs: Int { outputs / groups }
  /// Blocks of all groups.
  var inputBlocks: Int { groups * blockCount(groupInputs) }
  var outputBlocks: Int { groups * blockCount(groupOutputs) }

  var testDescription: String {
    """
    \(pictures) x \(channels)x\(height)x\(width) to \(outputs), \(rows)x\(columns)/\(stride), padding \
    \(top) \(left) \(bottom) \(right), groups \(groups)
    """
  }

  var inputShape: [Int] { [pictures, channels, height, width] }
  var outputShape: [Int] { [pictures, outputs, outputHeight, outputWidth] }
  var weightCount: Int { outputs * groupInputs * taps }

  /// Calls `body` with the indices of the input, the weight and the output of each product.
  func forEachProduct(_ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void) {
    let (oH, oW) = (outputHeight, outputWidth)
    for picture in 0..<pictures {
      for output in 0..<outputs {
        for y in 0..<oH {
          for x in 0..<oW {
            let result = ((picture * outputs + output) * oH + y) * oW + x
            for input in 0..<groupInputs {
              let channel = output / groupOutputs * groupInputs + input
              for row in 0..<rows {
                let inputRow = y * stride + row - top
                guard (0..<height).contains(inputRow) else { continue }
                for column in 0..<columns {
                  let inputColumn = x * stride + column - left
                  guard (0..<width).contains(inputColumn) else { continue }
                  body(
                    ((picture * channels + channel) * height + inputRow) * width + inputColumn,
                    (output * groupInputs + input) * taps + row * columns + column, result)
                }
              }
            }
          }
        }
      }
    }
  }
}

/// Sums of products, and what bounds their rounding errors: the sums of the products' magnitudes.
struct ReferenceSums {
  var values: [Double]
  var magnitudes: [Double]

  init(_ initial: [Double]) {
    values = initial
    magnitudes = initial.map(abs)
  }

  mutating func add(_ a: Double, _ b: Double, to index: Int) {
    values[index] += a * b
    magnitudes[index] += abs(a * b)
  }

  /// The bound of a sum by the definition: each of up to 128 additions of a chain, and each of the
  /// chains, of which these tests have up to 32, rounds by up to 2^-24 of the magnitudes.
  func directTolerance(_ index: Int) -> Double { 160 * 0x1p-24 * magnitudes[index] }

  /// Winograd's transforms add up all inputs of a tile with factors up to 2.5 and subtract them again,
  /// so an error depends on the largest magnitudes of the map. At most 12 * 2^-24 of them were
  /// measured in these tests.
  var winogradTolerance: Double { 64 * 0x1p-24 * (magnitudes.max() ?? 0) }
}

/// Random operands of a convolution, and its results and gradients.
struct ReferenceProducts {
  let shape: ReferenceConvolution
  let input: ReferenceMap
  let gradient: ReferenceMap
  let weight: [Double]
  let bias: [Double]
  let output: ReferenceSums
  let inputGradient: ReferenceSums
  let weightGradient: ReferenceSums

  init(_ shape: ReferenceConvolution) {
    self.shape = shape
    let input = ReferenceMap(random: shape.inputShape, stream: 0)
    let gradient = ReferenceMap(random: shape.outputShape, stream: 1)
    let weight = reference(random: shape.weightCount, stream: 2)
    let bias = reference(random: shape.outputs, stream: 3)
    let plane = shape.outputHeight * shape.outputWidth
    var output = ReferenceSums(
      (0..<gradient.values.count).map { bias[$0 / plane % shape.outputs] })
    var inputGradient = ReferenceSums([Double](repeating: 0, count: input.values.count))
    var weightGradient = ReferenceSums([Double](repeating: 0, count: weight.count))
    shape.forEachProduct { i, w, o in
      output.add(input.values[i], weight[w], to: o)
      inputGradient.add(gradient.values[o], weight[w], to: i)
      weightGradient.add(gradient.values[o], input.values[i], to: w)
    }
    (self.input, self.gradient, self.weight, self.bias) = (input, gradient, weight, bias)
    (self.output, self.inputGradient, self.weightGradient) = (output, inputGradient, weightGradient)
  }
}
