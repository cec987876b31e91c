internal import CNNSystem

extension Drawing {
  /// Where an SVG is used, which decides how its colours are written.
  enum SVGUse {
    /// A file of its own, with the colours of a palette.
    case file(Palette)
    /// A part of a page, whose style sheet defines `--surface`, `--ink`, `--muted`, `--grid`,
    /// `--series-0` and `--series-1`.
    case page
  }

  /// The drawing as SVG 1.1.
  func svg(_ use: SVGUse = .file(.light)) -> String {
    let size = "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\""
    let box = "viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\""
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) \(box) role=\"img\" "
        + "font-family=\"Roboto, Inter, Helvetica, Arial, sans-serif\">",
      "<title>\(XMLText.escaped(summary))</title>",
    ]
    if case .file(let palette) = use {
      let fill = Palette.hexadecimal(palette.surface)
      lines.append("<rect width=\"100%\" height=\"100%\" fill=\"\(fill)\"/>")
    }
    lines += shapes.map { Self.element($0, use) }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static func element(_ shape: Shape, _ use: SVGUse) -> String {
    switch shape {
    case .rectangle(let x, let y, let width, let height, let paint):
      return "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" "
        + "height=\"\(number(height))\" \(property("fill", paint, use))/>"
    case .line(let points, let width, let paint):
      let path = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
      return "<polyline points=\"\(path)\" fill=\"none\" stroke-width=\"\(number(width))\" "
        + "stroke-linejoin=\"round\" \(property("stroke", paint, use))/>"
    case .disc(let center, let radius, let paint):
      return "<circle cx=\"\(number(center.x))\" cy=\"\(number(center.y))\" "
        + "r=\"\(number(radius))\" \(property("fill", paint, use))/>"
    case .text(let text, let label):
      let (x, y) = (number(label.at.x), number(label.at.y))
      let turn = label.isVertical ? " transform=\"rotate(-90 \(x) \(y))\"" : ""
      return "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(number(label.size))\" "
        + "text-anchor=\"\(label.anchor.rawValue)\"\(turn) \(property("fill", label.paint, use))>"
        + "\(XMLText.escaped(text))</text>"
    }
  }

  /// An attribute that holds a colour. A style sheet's colours have to stand in `style`: as the
  /// value of an attribute, other programs than browsers do not know them.
  private static func property(_ name: String, _ paint: Paint, _ use: SVGUse) -> String {
    switch use {
    case .file(let palette): "\(name)=\"\(Palette.hexadecimal(palette.color(paint)))\""
    case .page: "style=\"\(name):\(styleColor(paint))\""
    }
  }

  private static func styleColor(_ paint: Paint) -> String {
    switch paint {
    case .surface: return "var(--surface)"
    case .ink: return "var(--ink)"
    case .muted: return "var(--muted)"
    case .grid: return "var(--grid)"
    case .series(let index): return "var(--series-\(index))"
    case .heat(let amount):
      let percent = NumberText.fixed(100 * amount, decimals: 1)
      return "color-mix(in srgb, var(--series-0) \(percent)%, var(--surface))"
    case .onHeat(let amount):
      return amount < Palette.heatOfLightText ? "var(--ink)" : "var(--surface)"
    }
  }

  /// Two decimals are finer than any display.
  private static func number(_ value: Double) -> String {
    let text = NumberText.fixed(value, decimals: 2)
    let digits = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return text.contains(".") && !digits.isEmpty ? String(digits.reversed()) : text
  }
}

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
