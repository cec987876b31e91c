/// Text inside HTML and SVG.
enum XMLText {
  /// The text with the characters that mean something there written as entities; control
  /// characters, which XML does not allow, become a replacement character.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      case "\n", "\t": String(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: "\u{FFFD}"
      default: String(scalar)
      }
    }.joined()
  }
}
