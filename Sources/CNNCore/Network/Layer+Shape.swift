internal import CNNSystem

extension Layer {
  /// The shape of the result, without the batch.
  ///
  /// - Throws: `invalidShape` in words; the caller adds network and node.
  func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    switch self {
    case .add, .concat: return try joinedShape(of: inputs)
    default:
      precondition(inputs.count == 1, "this layer reads one input")
      return try outputShape(of: inputs[0])
    }
  }

  private func outputShape(of input: [Int]) throws(CNNError) -> [Int] {
    switch self {
    case .convolution(let settings):
      try requireMap(input)
      try require(
        input[0] % settings.groups == 0 && settings.channels % settings.groups == 0,
        "its channels cannot be split into \(settings.groups) groups", input)
      return [settings.channels] + (try slide(settings.window, input))
    case .maxPool(let window), .averagePool(let window):
      try requireMap(input)
      try requirePadding(of: window, input)
      return [input[0]] + (try slide(window, input))
    case .adaptiveAveragePool(let size):
      try requireMap(input)
      return [input[0], size.height, size.width]
    case .globalAveragePool:
      try requireMap(input)
      return [input[0]]
    case .localResponseNorm, .batchNorm:
      try requireMap(input)
      return input
    case .relu, .dropout, .softmax:
      return input
    case .linear(let outputs):
      try require(input.count == 1, "it needs a vector; flatten the feature map first", input)
      return [outputs]
    case .flatten:
      try requireMap(input)
      return [input.reduce(1, *)]
    case .zeroPaddedShortcut(let channels, let stride):
      try requireMap(input)
      try require(
        channels >= input[0] && (channels - input[0]) % 2 == 0,
        "zero channels can only be added evenly to reach \(channels)", input)
      return [channels, (input[1] + stride - 1) / stride, (input[2] + stride - 1) / stride]
    case .add, .concat:
      preconditionFailure("joined above")
    }
  }

  private func joinedShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    guard let first = inputs.first else { preconditionFailure("nothing to join") }
    for other in inputs.dropFirst() {
      let fits = self == .add ? other == first : other.dropFirst() == first.dropFirst()
      guard fits else {
        throw CNNError(
          .usage, .invalidShape, "its inputs do not fit together",
          found: inputs.map(\.shapeDescription).joined(separator: " and "))
      }
    }
    if self == .add { return first }
    try requireMap(first)
    return [inputs.reduce(0) { $0 + $1[0] }] + first.dropFirst()
  }

  private func slide(_ window: Window, _ input: [Int]) throws(CNNError) -> [Int] {
    let size = Extent(height: input[1], width: input[2])
    guard let output = window.outputExtent(input: size) else {
      throw CNNError(
        .usage, .invalidShape, "the picture has become smaller than the kernel",
        found: "a \(size) feature map", expected: "at least \(smallestInput(window))")
    }
    return [output.height, output.width]
  }

  private func smallestInput(_ window: Window) -> Extent {
    guard case .explicit(let edges) = window.padding else {
      return window.padding == .same ? 1 : window.kernel
    }
    return Extent(
      height: max(1, window.kernel.height - edges.top - edges.bottom),
      width: max(1, window.kernel.width - edges.left - edges.right))
  }

  /// A window that lies in the padding alone would have nothing to take the largest or the mean of.
  private func requirePadding(of window: Window, _ input: [Int]) throws(CNNError) {
    let edges = window.edges(input: Extent(height: input[1], width: input[2]))
    try require(
      max(edges.top, edges.bottom) < window.kernel.height
        && max(edges.left, edges.right) < window.kernel.width,
      "the padding of a pooling must be smaller than its \(window.kernel) kernel", input)
  }

  private func requireMap(_ input: [Int]) throws(CNNError) {
    try require(input.count == 3, "it needs a feature map of channels, rows and columns", input)
  }

  private func require(
    _ condition: Bool, _ problem: String, _ input: [Int]
  ) throws(CNNError) {
    guard condition else {
      throw CNNError(.usage, .invalidShape, problem, found: input.shapeDescription)
    }
  }
}
