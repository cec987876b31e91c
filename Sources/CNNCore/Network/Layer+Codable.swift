/// A layer as JSON: its kind, and the settings that kind has.
///
///     {"kind": "convolution", "channels": 64, "kernel": [3, 3], "stride": [1, 1],
///      "padding": [1, 1, 1, 1], "groups": 1, "bias": true}
///
/// Sizes are `[height, width]`; padding is `[top, left, bottom, right]`, `"same"` or `"valid"`.
extension Layer: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, channels, kernel, stride, padding, rounding, groups, bias, size, radius, alpha, beta
    case constant, epsilon, rate, outputs, order
  }

  private enum Kind: String, Codable {
    case convolution, maxPool, averagePool, adaptiveAveragePool, globalAveragePool
    case localResponseNorm, batchNorm, relu, dropout, linear, flatten, add, concat
    case zeroPaddedShortcut, softmax
  }

  /// Writes the kind and its settings.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    switch self {
    case .convolution(let settings):
      try container.encode(settings.channels, forKey: .channels)
      try Self.encode(settings.window, to: &container)
      try container.encode(settings.groups, forKey: .groups)
      try container.encode(settings.hasBias, forKey: .bias)
    case .maxPool(let window), .averagePool(let window):
      try Self.encode(window, to: &container)
      try container.encode(window.rounding.rawValue, forKey: .rounding)
    case .adaptiveAveragePool(let size):
      try container.encode([size.height, size.width], forKey: .size)
    case .localResponseNorm(let settings):
      try container.encode(settings.radius, forKey: .radius)
      try container.encode(settings.alpha, forKey: .alpha)
      try container.encode(settings.beta, forKey: .beta)
      try container.encode(settings.bias, forKey: .constant)
    case .batchNorm(let epsilon): try container.encode(epsilon, forKey: .epsilon)
    case .dropout(let rate): try container.encode(rate, forKey: .rate)
    case .linear(let outputs): try container.encode(outputs, forKey: .outputs)
    case .flatten(let order): try container.encode(order, forKey: .order)
    case .zeroPaddedShortcut(let channels, let stride):
      try container.encode(channels, forKey: .channels)
      try container.encode([stride, stride], forKey: .stride)
    case .globalAveragePool, .relu, .add, .concat, .softmax: break
    }
  }

  /// Reads what `encode` writes; settings out of range are refused, for they come from a file.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func size(_ key: CodingKeys, minimum: Int = 1) throws -> Int {
      let value = try container.decode(Int.self, forKey: key)
      guard (minimum...Layer.largestSetting).contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "\(value) is out of range")
      }
      return value
    }
    func number(_ key: CodingKeys, _ range: some RangeExpression<Float>) throws -> Float {
      let value = try container.decode(Float.self, forKey: key)
      guard value.isFinite, range.contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "\(value) is out of range")
      }
      return value
    }
    switch try container.decode(Kind.self, forKey: .kind) {
    case .convolution:
      let window = try Self.window(in: container)
      var settings = Convolution(
        channels: try size(.channels), kernel: window.kernel, groups: try size(.groups),
        bias: try container.decode(Bool.self, forKey: .bias))
      settings.window = window
      self = .convolution(settings)
    case .maxPool: self = .maxPool(try Self.window(in: container))
    case .averagePool: self = .averagePool(try Self.window(in: container))
    case .adaptiveAveragePool: self = .adaptiveAveragePool(try Self.extent(.size, in: container))
    case .globalAveragePool: self = .globalAveragePool
    case .localResponseNorm:
      self = .localResponseNorm(
        LocalResponseNorm(
          radius: try size(.radius, minimum: 0),
          alpha: try number(.alpha, 0...), beta: try number(.beta, 0...),
          bias: try number(.constant, 0...)))
    case .batchNorm: self = .batchNorm(epsilon: try number(.epsilon, 0...))
    case .relu: self = .relu
    case .dropout: self = .dropout(rate: try number(.rate, 0..<1))
    case .linear: self = .linear(outputs: try size(.outputs))
    case .flatten: self = .flatten(try container.decode(FlattenOrder.self, forKey: .order))
    case .add: self = .add
    case .concat: self = .concat
    case .zeroPaddedShortcut:
      self = .zeroPaddedShortcut(
        channels: try size(.channels), stride: try Self.extent(.stride, in: container).height)
    case .softmax: self = .softmax
    }
  }

  /// Bounds of what a file may ask for; products of a layer's sizes stay far below 2^63.
  private static let largestSetting = 1 << 16
  private static let largestExtent = 1 << 10

  private var kind: Kind {
    switch self {
    case .convolution: .convolution
    case .maxPool: .maxPool
    case .averagePool: .averagePool
    case .adaptiveAveragePool: .adaptiveAveragePool
    case .globalAveragePool: .globalAveragePool
    case .localResponseNorm: .localResponseNorm
    case .batchNorm: .batchNorm
    case .relu: .relu
    case .dropout: .dropout
    case .linear: .linear
    case .flatten: .flatten
    case .add: .add
    case .concat: .concat
    case .zeroPaddedShortcut: .zeroPaddedShortcut
    case .softmax: .softmax
    }
  }
}

extension Layer {
  private static func encode(
    _ window: Window, to container: inout KeyedEncodingContainer<CodingKeys>
  ) throws {
    try container.encode([window.kernel.height, window.kernel.width], forKey: .kernel)
    try container.encode([window.stride.height, window.stride.width], forKey: .stride)
    switch window.padding {
    case .valid: try container.encode("valid", forKey: .padding)
    case .same: try container.encode("same", forKey: .padding)
    case .explicit(let edges):
      try container.encode([edges.top, edges.left, edges.bottom, edges.right], forKey: .padding)
    }
  }

  private static func window(
    in container: KeyedDecodingContainer<CodingKeys>
  ) throws -> Window {
    var window = Window(
      kernel: try extent(.kernel, in: container), stride: try extent(.stride, in: container))
    if let rule = try? container.decode(String.self, forKey: .padding) {
      guard ["valid", "same"].contains(rule) else {
        throw DecodingError.dataCorruptedError(
          forKey: .padding, in: container, debugDescription: "\(rule) is no rule of padding")
      }
      window.padding = rule == "same" ? .same : .valid
    } else {
      let edges = try numbers(.padding, count: 4, minimum: 0, in: container)
      window.padding = .explicit(
        Padding.Edges(top: edges[0], left: edges[1], bottom: edges[2], right: edges[3]))
    }
    if let rule = try container.decodeIfPresent(String.self, forKey: .rounding) {
      guard let rounding = Rounding(rawValue: rule) else {
        throw DecodingError.dataCorruptedError(
          forKey: .rounding, in: container, debugDescription: "\(rule) is no rule of rounding")
      }
      window.rounding = rounding
    }
    return window
  }

  private static func extent(
    _ key: CodingKeys, in container: KeyedDecodingContainer<CodingKeys>
  ) throws -> Extent {
    let sizes = try numbers(key, count: 2, minimum: 1, in: container)
    return Extent(height: sizes[0], width: sizes[1])
  }

  private static func numbers(
    _ key: CodingKeys, count: Int, minimum: Int,
    in container: KeyedDecodingContainer<CodingKeys>
  ) throws -> [Int] {
    let numbers = try container.decode([Int].self, forKey: key)
    guard numbers.count == count, numbers.allSatisfy({ (minimum...largestExtent).contains($0) })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: container, debugDescription: "\(numbers) is out of range")
    }
    return numbers
  }
}
