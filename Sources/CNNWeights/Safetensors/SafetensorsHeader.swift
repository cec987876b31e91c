internal import CNNSystem

/// What a safetensors header says about one tensor, checked by itself and not against the others.
struct SafetensorsEntry: Sendable {
  var name: String
  var elementType: ElementType
  var shape: [Int]
  /// Bytes, counted from the end of the header.
  var range: Range<Int>
}

/// The JSON header of a safetensors file: the entries of its tensors, and the metadata.
struct SafetensorsHeader {
  /// The tensors in the order of the text.
  var entries: [SafetensorsEntry] = []
  /// Texts of any meaning, which are under `__metadata__` in the JSON.
  var metadata: [String: String] = [:]

  /// The name that no tensor can have.
  static let metadataKey = "__metadata__"
}

// MARK: Reading

extension SafetensorsHeader {
  /// Parses the JSON of a header, and no other JSON: it follows the one schema there is, so that
  /// nothing can be nested deeper than that.
  ///
  /// - Throws: `corrupt` for anything outside of the schema, `unsupported` for an element type that
  ///   is not read here.
  init(_ reader: ByteReader) throws(CNNError) {
    var json = JSONScanner(reader, problem: "the safetensors header is damaged")
    var (entries, metadata): ([SafetensorsEntry], [String: String]) = ([], [:])
    try json.object { (json, key) throws(CNNError) in
      if key == Self.metadataKey {
        try json.object { (json, key) throws(CNNError) in metadata[key] = try json.string() }
      } else {
        entries.append(try SafetensorsEntry(key, &json))
      }
    }
    try json.expectEnd()
    self.init(entries: entries, metadata: metadata)
  }
}

extension SafetensorsEntry {
  /// Parses the entry of the tensor `name`.
  fileprivate init(_ name: String, _ json: inout JSONScanner) throws(CNNError) {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try json.object { (json, key) throws(CNNError) in
      switch key {
      case "dtype": type = try json.string()
      case "shape": shape = try json.integers(atMost: ArrayShape.maximumRank)
      case "data_offsets": offsets = try json.integers(atMost: 2)
      default: throw json.failure("an unknown key, \(key.printable)")
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
    self.init(
      name: name, elementType: elementType, shape: shape, range: offsets[0]..<offsets[1])
  }
}

// MARK: Writing

extension SafetensorsHeader {
  /// The bytes of the header in a file: its length in 8 bytes, and the JSON, padded with spaces to a
  /// multiple of 8 bytes. The entries must be in the order of their bytes.
  var encoded: [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      // Sorted, so that equal contents make equal files.
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(Self.quoted($0.key)):\(Self.quoted($0.value))"
      }
      members.append("\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    members += entries.map { entry in
      let shape = entry.shape.map { "\($0)" }.joined(separator: ",")
      return "\(Self.quoted(entry.name)):{\"dtype\":\"\(entry.elementType.rawValue)\","
        + "\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(entry.range.lowerBound),\(entry.range.upperBound)]}"
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    while !json.count.isMultiple(of: 8) { json.append(UInt8(ascii: " ")) }
    var fields = LittleEndianFields()
    fields.append(UInt64(json.count))
    return fields.bytes + json
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
