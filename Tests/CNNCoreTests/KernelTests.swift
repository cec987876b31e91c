import CNNCore
import CNNSystem
import CNNTestSupport
import Testing

/// Each kernel of each instruction set that the machine has, against the plain operations, which are
/// tested against PyTorch by themselves: sizes below, at and above the tiles, odd ones, and everything
/// that can be fused with a convolution.
@Suite struct KernelTests {
  /// A small network around one kernel.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let input: [Int]
    let steps: [(name: String, layer: Layer, inputs: [String])]
    /// A part of the name of the kernel that has to be used.
    let kernel: String
    var testDescription: String { "\(name) of \(input.shapeDescription)" }
  }

  /// Kernels of our own.
  static let ownKernels = KernelSet.available.filter { $0 != .blas }

  @Test(arguments: convolutions + maps, ownKernels)
  func equalsThePlainOperations(_ example: Case, kernels: KernelSet) throws {
    let network = try Network(name: example.name, inputShape: example.input, steps: example.steps)
    let parameters = SyntheticNumbers.parameters(of: network)
    func plan(_ kernels: KernelSet, threads: Int) -> InferencePlan {
      InferencePlan(
        network: network, parameters: parameters, threads: threads,
        options: InferenceOptions(kernels: kernels))
    }
    let packed = plan(kernels, threads: 2)
    #expect(
      packed.steps.contains { $0.kernel.contains(example.kernel) }, "\(packed.steps)")

    let input = SyntheticNumbers.input([3] + example.input)
    let result = packed.run(input)
    let expected = plan(.blas, threads: 1).run(input)
    // Sums of up to a few thousand products in another order, and Winograd's transforms: some units
    // in the last place of the largest number.
    let largest = expected.elements.map(abs).max() ?? 0
    expectClose(result, expected, absolute: 5e-6 * largest, example.name)

    // The same bits for each picture alone, and for any number of threads.
    let rows = result.rows
    for (picture, threads) in [(0, 1), (1, 2), (2, 3)] {
      let alone = plan(kernels, threads: threads).run(input.rows[picture])
      #expect(alone.bitPatterns == rows[picture].bitPatterns)
    }
  }

  /// NaN and infinity pass through pooling and ReLU as they do in the plain operations.
  @Test(arguments: ownKernels)
  func notANumberWins(_ kernels: KernelSet) throws {
    let network = try Network(
      name: "nan", inputShape: [3, 9, 9],
      steps: [
        ("conv", .convolution(Convolution(channels: 16, kernel: 1)), [Network.inputName]),
        ("relu", .relu, ["conv"]),
        ("pool", .maxPool(Window(kernel: 3, stride: 2)), ["relu"]),
      ])
    let parameters = SyntheticNumbers.parameters(of: network)
    var input = SyntheticNumbers.input([1, 3, 9, 9])
    input.withUnsafeMutableElements { elements in
      (elements[0], elements[30], elements[80]) = (.nan, .infinity, .nan)
    }
    let results = [KernelSet.blas, kernels].map { kernels in
      InferencePlan(
        network: network, parameters: parameters, options: InferenceOptions(kernels: kernels)
      ).run(input)
    }
    #expect(results[0].elements.map(\.isNaN) == results[1].elements.map(\.isNaN))
    #expect(results[1].elements.contains { $0.isNaN })
    #expect(results[1].elements.contains { !$0.isNaN })
  }
}

// MARK: Cases

extension KernelTests {
  /// A convolution under test behind a 1x1 convolution, which makes a blocked map of the input.
  private static func convolution(
    _ settings: Convolution, channels: Int, _ height: Int, _ width: Int, kernel: String,
    then rest: [(name: String, layer: Layer, inputs: [String])] = []
  ) -> Case {
    let window = settings.window
    return Case(
      name:
        "\(channels) to \(settings.channels), \(window.kernel)/\(window.stride), \(rest.map(\.name))",
      input: [3, height, width],
      steps: [
        ("stem", .convolution(Convolution(channels: channels, kernel: 1)), [Network.inputName]),
        ("conv", .convolution(settings), ["stem"]),
      ] + rest,
      kernel: kernel)
  }

  private static let relu = [(name: "relu", layer: Layer.relu, inputs: ["conv"])]
  private static let normRelu = [
    (name: "norm", layer: Layer.batchNorm(epsilon: 1e-5), inputs: ["conv"]),
    (name: "relu", layer: .relu, inputs: ["norm"]),
  ]
  private static let residual = [
    (name: "norm", layer: Layer.batchNorm(epsilon: 1e-5), inputs: ["conv"]),
    (name: "add", layer: .add, inputs: ["norm", "stem"]),
    (name: "relu", layer: .relu, inputs: ["add"]),
  ]
  private static let pool =
    relu + [
      (name: "pool", layer: Layer.maxPool(Window(kernel: 2, stride: 2)), inputs: ["relu"])
    ]

  static var convolutions: [Case] { winograd + direct + planar }

  /// Tiles of 4x4 and 2x2 results in maps that they fill and do not fill; register tiles of 14, 6
  /// and 3 tiles.
  private static var winograd: [Case] {
    let plain = Convolution(channels: 32, kernel: 3, padding: .explicit(1))
    let odd = Padding.explicit(Padding.Edges(top: 0, left: 2, bottom: 1, right: 0))
    let (f4, f2, f5) = ("F(4x4,3x3)", "F(2x2,3x3)", "F(2x2,5x5)")
    let sizes = [(4, 4), (5, 7), (8, 8), (13, 14), (15, 29), (28, 27), (57, 58)]
    return sizes.map { convolution(plain, channels: 16, $0, $1, kernel: f4, then: relu) } + [
      convolution(plain, channels: 32, 9, 10, kernel: f4, then: residual),
      // Enough output channels for each thread to transform all tiles of one picture.
      convolution(
        Convolution(channels: 144, kernel: 3, padding: .explicit(1)), channels: 48, 14, 13,
        kernel: f4, then: normRelu),
      convolution(plain, channels: 32, 8, 12, kernel: f4 + " + pool", then: pool),
      convolution(plain, channels: 32, 9, 11, kernel: f4 + " + pool", then: pool),
      convolution(
        Convolution(channels: 40, kernel: 3, padding: odd), channels: 20, 7, 9, kernel: f4),
      convolution(
        Convolution(channels: 48, kernel: 3, padding: .same), channels: 17, 6, 6, kernel: f4,
        then: normRelu),
      convolution(
        Convolution(channels: 96, kernel: 3, groups: 2, bias: false), channels: 64, 9, 13,
        kernel: f4),
      convolution(
        Convolution(channels: 512, kernel: 3, padding: .explicit(1)), channels: 256, 7, 7,
        kernel: f2, then: relu),
      convolution(
        Convolution(channels: 256, kernel: 3, padding: .explicit(1)), channels: 512, 5, 8,
        kernel: f2 + " + pool", then: pool),
      convolution(
        Convolution(channels: 64, kernel: 5, padding: .explicit(2), groups: 2), channels: 32, 13,
        9, kernel: f5, then: relu),
      convolution(
        Convolution(channels: 24, kernel: 5), channels: 16, 15, 27, kernel: f5, then: pool),
    ]
  }

  /// Rows of 1, tile - 1, tile and tile + 1 pixels; strides, groups, tails of channels; many weights,
  /// with and without a stride.
  private static var direct: [Case] {
    let widths = [1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 28, 29]
    let pointwise = Convolution(channels: 48, kernel: 1)
    return widths.map { convolution(pointwise, channels: 32, 3, $0, kernel: "1x1", then: relu) } + [
      convolution(
        Convolution(channels: 20, kernel: 1), channels: 33, 5, 6, kernel: "1x1", then: normRelu),
      convolution(
        Convolution(channels: 16, kernel: 1), channels: 16, 15, 17, kernel: "1x1", then: residual),
      convolution(
        Convolution(channels: 32, kernel: 1, stride: 2), channels: 16, 7, 9, kernel: "1x1"),
      convolution(
        Convolution(channels: 32, kernel: 3, stride: 2, padding: .explicit(1)), channels: 16, 15,
        29, kernel: "3x3", then: normRelu),
      convolution(
        Convolution(channels: 32, kernel: 3, stride: 2, padding: .same), channels: 20, 8, 9,
        kernel: "3x3"),
      convolution(
        Convolution(channels: 200, kernel: 3, stride: 2, padding: .explicit(1)), channels: 130, 9,
        11, kernel: "3x3", then: relu),
      convolution(
        Convolution(channels: 400, kernel: 1), channels: 300, 15, 17, kernel: "1x1", then: relu),
      convolution(
        Convolution(
          channels: 64, kernel: Extent(height: 1, width: 7),
          stride: Extent(height: 3, width: 2), padding: .explicit(3), groups: 2), channels: 32, 9,
        16, kernel: "1x7"),
      convolution(
        Convolution(channels: 16, kernel: 3, padding: .explicit(1)), channels: 16, 3, 2,
        kernel: "3x3", then: residual),
      convolution(
        Convolution(channels: 9, kernel: 3, groups: 3), channels: 6, 5, 5, kernel: "plain",
        then: relu),
    ]
  }

  /// First layers, which read pictures as they are.
  private static var planar: [Case] {
    func first(_ channels: Int, _ height: Int, _ width: Int, _ settings: Convolution) -> Case {
      Case(
        name: "\(settings.window.kernel)/\(settings.window.stride) of a picture",
        input: [channels, height, width],
        steps: [
          ("conv", .convolution(settings), [Network.inputName]), ("relu", .relu, ["conv"]),
        ],
        kernel: "of a picture")
    }
    let wide = Padding.explicit(Padding.Edges(top: 1, left: 4, bottom: 2, right: 3))
    return [
      first(3, 9, 15, Convolution(channels: 64, kernel: 3, padding: .explicit(1))),
      first(3, 33, 31, Convolution(channels: 40, kernel: 7, stride: 2, padding: .explicit(3))),
      first(3, 24, 26, Convolution(channels: 24, kernel: 5, stride: 2, padding: wide)),
      first(2, 1, 1, Convolution(channels: 16, kernel: 3, stride: 2, padding: .explicit(1))),
      first(3, 43, 51, Convolution(channels: 96, kernel: 11, stride: 4)),
      first(1, 28, 28, Convolution(channels: 6, kernel: 5)),
      first(4, 8, 8, Convolution(channels: 16, kernel: 3, stride: 2, padding: .same)),
      first(8, 6, 5, Convolution(channels: 33, kernel: 1)),
    ]
  }

  /// Kernels and layouts between convolutions.
  static var maps: [Case] {
    func behindStem(
      _ name: String, _ layer: Layer, channels: Int = 32, _ height: Int = 9, _ width: Int = 11,
      kernel: String? = nil
    ) -> Case {
      Case(
        name: name, input: [3, height, width],
        steps: [
          ("stem", .convolution(Convolution(channels: channels, kernel: 1)), [Network.inputName]),
          (name, layer, ["stem"]),
        ],
        kernel: kernel ?? name)
    }
    func stem(_ name: String, _ channels: Int) -> (name: String, layer: Layer, inputs: [String]) {
      (name, .convolution(Convolution(channels: channels, kernel: 1)), [Network.inputName])
    }
    let overlapping = Window(kernel: 3, stride: 2, padding: .explicit(1), rounding: .ceil)
    return [
      behindStem("max pool", .maxPool(overlapping), channels: 20),
      behindStem("max pool", .maxPool(overlapping), 37, 12),
      behindStem("average pool", .averagePool(overlapping)),
      behindStem("adaptive", .adaptiveAveragePool(Extent(height: 4, width: 13)), kernel: "average"),
      behindStem("global", .globalAveragePool, channels: 19, kernel: "average"),
      behindStem("response norm", .localResponseNorm(.caffe), channels: 40),
      behindStem(
        "plain response norm",
        .localResponseNorm(LocalResponseNorm(radius: 1, alpha: 0.1, beta: 0.5, bias: 2)),
        kernel: "plain"),
      behindStem("flatten", .flatten(.heightWidthChannel), channels: 18, kernel: "plain"),
      behindStem("shortcut", .zeroPaddedShortcut(channels: 40, stride: 2), kernel: "plain"),
      Case(
        name: "add", input: [3, 6, 5],
        steps: [
          stem("a", 32), ("pool", .maxPool(Window(kernel: 1)), ["a"]),
          ("sum", .add, ["a", "pool"]), ("relu", .relu, ["sum"]),
        ], kernel: "add"),
      Case(
        name: "concat in place", input: [3, 6, 5],
        steps: [
          stem("a", 32), stem("b", 16), stem("c", 48), ("inner", .concat, ["a", "b"]),
          ("outer", .concat, ["c", "inner"]),
          ("last", .convolution(Convolution(channels: 16, kernel: 3)), ["outer"]),
        ], kernel: "in place"),
      Case(
        name: "concat of odd channels", input: [3, 6, 5],
        steps: [
          stem("a", 20), stem("b", 16), ("joined", .concat, ["a", "b"]),
          ("pool", .maxPool(Window(kernel: 2)), ["joined"]),
          ("last", .convolution(Convolution(channels: 16, kernel: 3)), ["pool"]),
        ], kernel: "rearrange"),
      Case(
        name: "two readers", input: [3, 6, 5],
        steps: [
          stem("a", 16), ("relu", .relu, ["a"]), ("joined", .concat, ["a", "relu"]),
        ], kernel: "plain"),
    ]
  }
}
