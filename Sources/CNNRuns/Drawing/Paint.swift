/// What a part of a drawing is painted with, named by its role: the same drawing is shown on light
/// and on dark ground.
enum Paint: Hashable {
  /// The ground.
  case surface
  /// Titles.
  case ink
  /// Labels and ticks.
  case muted
  /// Lines of the grid.
  case grid
  /// The lines of a plot, from 0.
  case series(Int)
  /// From the ground, 0, to the colour of the first series, 1.
  case heat(Double)
  /// Text on `heat`, with enough contrast.
  case onHeat(Double)
}

/// The colours of the roles.
struct Palette {
  var surface: RGBTriple
  var ink: RGBTriple
  var muted: RGBTriple
  var grid: RGBTriple
  var series: [RGBTriple]

  /// Three bytes: red, green, blue.
  typealias RGBTriple = (red: UInt8, green: UInt8, blue: UInt8)

  /// Dark on white. Blue and orange can be distinguished with every kind of colour vision.
  static var light: Palette {
    Palette(
      surface: (0xFF, 0xFF, 0xFF), ink: (0x1F, 0x23, 0x28), muted: (0x5B, 0x64, 0x70),
      grid: (0xE3, 0xE6, 0xEA), series: [(0x1D, 0x63, 0xD8), (0xE0, 0x6C, 0x0A)])
  }

  /// Light on black.
  static var dark: Palette {
    Palette(
      surface: (0x16, 0x1B, 0x22), ink: (0xE9, 0xED, 0xF2), muted: (0x9C, 0xA5, 0xB1),
      grid: (0x2D, 0x33, 0x3B), series: [(0x5E, 0xA4, 0xFF), (0xF5, 0x93, 0x42)])
  }

  /// From this heat on, text on it is as light as the ground.
  static let heatOfLightText = 0.55

  /// The colour of a role.
  func color(_ paint: Paint) -> RGBTriple {
    switch paint {
    case .surface: surface
    case .ink: ink
    case .muted: muted
    case .grid: grid
    case .series(let index): series[index % series.count]
    case .heat(let amount): Self.mix(surface, series[0], amount)
    case .onHeat(let amount): amount < Self.heatOfLightText ? ink : surface
    }
  }

  private static func mix(_ from: RGBTriple, _ to: RGBTriple, _ amount: Double) -> RGBTriple {
    func channel(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Double(a) + (Double(b) - Double(a)) * max(0, min(1, amount))).rounded())
    }
    return (channel(from.red, to.red), channel(from.green, to.green), channel(from.blue, to.blue))
  }

  /// `#1d63d8`.
  static func hexadecimal(_ color: RGBTriple) -> String {
    "#"
      + [color.red, color.green, color.blue].map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }
}
