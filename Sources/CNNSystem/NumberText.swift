internal import CNNPlatform

/// Numbers as people read them, the same in every locale.
package enum NumberText {
  /// `138,357,544`.
  package static func grouped(_ number: Int) -> String {
    var digits = ""
    for (index, digit) in String(number.magnitude).reversed().enumerated() {
      if index > 0, index.isMultiple(of: 3) { digits.append(",") }
      digits.append(digit)
    }
    return (number < 0 ? "-" : "") + String(digits.reversed())
  }

  /// `1,849.7 M`, `41.0 k`, `850`: a count in millions or thousands.
  package static func rounded(_ count: Int) -> String {
    guard count >= 1000 else { return grouped(count) }
    let (unit, name) = count < 999_950 ? (1000, "k") : (1_000_000, "M")
    let tenths = (count + unit / 20) / (unit / 10)
    return grouped(tenths / 10) + ".\(tenths % 10) \(name)"
  }

  /// `12.25`: `value` with so many decimals, rounded half away from zero.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    let scale = (0..<decimals).reduce(1.0) { power, _ in power * 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let whole = String(scaled / Int(scale))
    let sign = value < 0 && scaled != 0 ? "-" : ""
    guard decimals > 0 else { return sign + whole }
    let fraction = String(scaled % Int(scale))
    return sign + whole + "."
      + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// `0.01`, `0.000955`, `9.55e-06`: `value` rounded to so many significant digits.
  package static func significant(_ value: Double, digits: Int) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    let exponent = Int(log10(abs(value)).rounded(.down))
    let scale = pow(10, Double(digits - 1 - exponent))
    // Swift writes the shortest text that is read as the same number.
    return "\((value * scale).rounded() / scale)"
  }

  /// `553 MB`, `1.2 kB`: bytes in decimal units with three digits.
  package static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["B", "kB", "MB"] {
      if value < 999.5 {
        return fixed(value, decimals: unit == "B" || value >= 99.95 ? 0 : 1) + " " + unit
      }
      value /= 1000
    }
    return fixed(value, decimals: 1) + " GB"
  }

  /// `1:23`, `2:03:04`: seconds as a clock shows them.
  package static func duration(seconds: Double) -> String {
    let total = Int(seconds.rounded())
    let parts =
      total >= 3600 ? [total / 3600, total / 60 % 60, total % 60] : [total / 60, total % 60]
    return parts.enumerated().map { index, part in
      index > 0 && part < 10 ? "0\(part)" : "\(part)"
    }.joined(separator: ":")
  }
}
