/// A layer as JSON: the name of its kind, and the settings that kind has.
///
///     {"kind": "convolution", "channels": 64, "kernel": [3, 3], "stride": [1, 1],
///      "padding": [1, 1, 1, 1], "groups": 1, "bias": true}
///
/// Sizes are `[height, width]`; padding is `[top, left, bottom, right]`, `"same"` or `"valid"`.
extension Layer: Codable {
  /// Writes the kind and its settings.
  public func encode(to encoder: any Encoder) throws {
    let kind = kind
    var settings = LayerSettings.Writer(encoder.container(keyedBy: LayerSettings.Key.self))
    try settings.write(type(of: kind).name, "kind")
    try kind.write(to: &settings)
  }

  /// Reads what `encode` writes; settings out of range are refused, for they come from a file.
  public init(from decoder: any Decoder) throws {
    let settings = LayerSettings.Reader(try decoder.container(keyedBy: LayerSettings.Key.self))
    let name = try settings.value("kind", as: String.self)
    guard let kind = Layer.kinds.first(where: { $0.name == name }) else {
      throw settings.failure("kind", "\(name) is no kind of layer")
    }
    self = try kind.init(from: settings).layer
  }
}

/// How the settings of a layer are written to a model file, and read from one that may hold
/// anything.
package enum LayerSettings {
  /// The name of a setting.
  package struct Key: CodingKey, ExpressibleByStringLiteral {
    package let stringValue: String
    package var intValue: Int? { nil }
    package init(stringLiteral name: String) { stringValue = name }
    package init?(stringValue: String) { self.stringValue = stringValue }
    package init?(intValue: Int) { nil }
  }

  /// Writes settings under their names.
  package struct Writer {
    private var container: KeyedEncodingContainer<Key>

    fileprivate init(_ container: KeyedEncodingContainer<Key>) { self.container = container }

    /// One setting.
    package mutating func write(_ value: some Encodable, _ key: Key) throws {
      try container.encode(value, forKey: key)
    }

    /// A size, as `[height, width]`.
    package mutating func write(_ extent: Extent, _ key: Key) throws {
      try write([extent.height, extent.width], key)
    }

    /// Kernel, stride and padding of a window.
    package mutating func write(_ window: Window) throws {
      try write(window.kernel, "kernel")
      try write(window.stride, "stride")
      switch window.padding {
      case .valid: try write("valid", "padding")
      case .same: try write("same", "padding")
      case .explicit(let edges):
        try write([edges.top, edges.left, edges.bottom, edges.right], "padding")
      }
    }
  }

  /// Reads settings, and refuses those out of range.
  package struct Reader {
    private let container: KeyedDecodingContainer<Key>

    /// Limits for files. Products of a layer's sizes stay far below 2^63.
    private static let largestSetting = 1 << 16
    private static let largestExtent = 1 << 10

    fileprivate init(_ container: KeyedDecodingContainer<Key>) { self.container = container }

    /// An error about one setting.
    package func failure(_ key: Key, _ problem: String) -> DecodingError {
      DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: problem)
    }

    /// A setting of any value.
    package func value<Value: Decodable>(_ key: Key, as type: Value.Type) throws -> Value {
      try container.decode(type, forKey: key)
    }

    /// A count, such as that of channels.
    package func count(_ key: Key, minimum: Int = 1) throws -> Int {
      let value = try value(key, as: Int.self)
      guard (minimum...Self.largestSetting).contains(value) else {
        throw failure(key, "\(value) is out of range")
      }
      return value
    }

    /// A finite number in a range.
    package func number(_ key: Key, in range: some RangeExpression<Float>) throws -> Float {
      let value = try value(key, as: Float.self)
      guard value.isFinite, range.contains(value) else {
        throw failure(key, "\(value) is out of range")
      }
      return value
    }

    /// A size `[height, width]`.
    package func extent(_ key: Key) throws -> Extent {
      let sizes = try sizes(key, count: 2, minimum: 1)
      return Extent(height: sizes[0], width: sizes[1])
    }

    /// Kernel, stride and padding, and the rounding where it is given.
    package func window() throws -> Window {
      var window = Window(kernel: try extent("kernel"), stride: try extent("stride"))
      if let rule = try? value("padding", as: String.self) {
        guard ["valid", "same"].contains(rule) else {
          throw failure("padding", "\(rule) is no rule of padding")
        }
        window.padding = rule == "same" ? .same : .valid
      } else {
        let edges = try sizes("padding", count: 4, minimum: 0)
        window.padding = .explicit(
          Padding.Edges(top: edges[0], left: edges[1], bottom: edges[2], right: edges[3]))
      }
      if let rule = try container.decodeIfPresent(String.self, forKey: "rounding") {
        guard let rounding = Rounding(rawValue: rule) else {
          throw failure("rounding", "\(rule) is no rule of rounding")
        }
        window.rounding = rounding
      }
      return window
    }

    private func sizes(_ key: Key, count: Int, minimum: Int) throws -> [Int] {
      let sizes = try value(key, as: [Int].self)
      guard sizes.count == count,
        sizes.allSatisfy({ (minimum...Self.largestExtent).contains($0) })
      else { throw failure(key, "\(sizes) is out of range") }
      return sizes
    }
  }
}
