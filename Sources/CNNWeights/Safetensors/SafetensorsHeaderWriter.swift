/// Writes the JSON of safetensors headers.
enum SafetensorsHeaderWriter {
  /// The length, and the header padded with spaces to a multiple of 8 bytes.
  ///
  /// - Parameter entries: in the order of their bytes.
  static func header(_ entries: [SafetensorsEntry], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      // Sorted, so that equal contents make equal files.
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(quoted($0.key)):\(quoted($0.value))"
      }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    members += entries.map { entry in
      let shape = entry.shape.map { "\($0)" }.joined(separator: ",")
      return "\(quoted(entry.name)):{\"dtype\":\"\(entry.elementType.rawValue)\","
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
