internal import CNNSystem

/// What a safetensors header says about one tensor, checked in itself.
struct SafetensorsEntry: Sendable {
  var name: String
  var elementType: ElementType
  var shape: [Int]
  /// Bytes, counted from the end of the header.
  var range: Range<Int>
}

/// Parses the JSON of a safetensors header, and no other JSON: it follows the one schema there is,
/// so nothing can be nested deeper than that. Keys must not be repeated, in any object; parsers
/// that accept them disagree about which one counts.
struct SafetensorsHeaderParser {
  private var json: JSONScanner

  /// A parser of the text that `reader` holds.
  init(_ reader: ByteReader) { json = JSONScanner(reader) }

  /// The tensors in the order of the text, and the metadata.
  ///
  /// - Throws: `corrupt` for anything outside of the schema, `unsupported` for an element type that
  ///   is not read here.
  mutating func parse() throws(CNNError) -> ([SafetensorsEntry], metadata: [String: String]) {
    var entries: [SafetensorsEntry] = []
    var metadata: [String: String] = [:]
    try parseObject { (parser, key) throws(CNNError) in
      if key == "__metadata__" {
        metadata = try parser.parseMetadata()
      } else {
        entries.append(try parser.parseEntry(key))
      }
    }
    try json.expectEnd()
    return (entries, metadata)
  }

  private mutating func parseMetadata() throws(CNNError) -> [String: String] {
    var metadata: [String: String] = [:]
    try parseObject { (parser, key) throws(CNNError) in
      metadata[key] = try parser.json.string()
    }
    return metadata
  }

  private mutating func parseEntry(_ name: String) throws(CNNError) -> SafetensorsEntry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try parseObject { (parser, key) throws(CNNError) in
      switch key {
      case "dtype": type = try parser.json.string()
      case "shape": shape = try parser.json.integers(atMost: ArrayShape.maximumRank)
      case "data_offsets": offsets = try parser.json.integers(atMost: 2)
      default: throw parser.json.failure("an unknown key, \(key.printable)")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw json.failure("a tensor, \(name.printable), without dtype, shape or data_offsets")
    }
    guard let elementType = ElementType(rawValue: type) else {
      throw CNNError(
        .weights, .unsupported, "an element type is not supported", at: .tensor(name.printable),
        found: type.printable,
        expected: "one of \(ElementType.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return SafetensorsEntry(
      name: name, elementType: elementType, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// Parses `{"key": value, ...}`; `value` parses what stands behind the colon.
  private mutating func parseObject(
    _ value: (inout SafetensorsHeaderParser, String) throws(CNNError) -> Void
  ) throws(CNNError) {
    var keys: Set<String> = []
    try json.expect("{")
    guard try !json.consume("}") else { return }
    repeat {
      let key = try json.string()
      guard keys.insert(key).inserted else {
        throw json.failure("the key \(key.printable) twice")
      }
      try json.expect(":")
      try value(&self, key)
    } while try json.consume(",")
    try json.expect("}")
  }
}
