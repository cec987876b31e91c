extension Preprocessing: CustomStringConvertible {
  /// All steps in one line: `short side 256 (bilinear, antialiased), centre crop 224x224, RGB,
  /// (x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]`.
  public var description: String {
    var steps: [String] = []
    if stretchesContrast { steps.append("contrast stretched to 0...255") }
    switch resize {
    case .shortSide(let length): steps.append("short side \(length) (\(resampling.rawValue))")
    case .squash(let size): steps.append("squash to \(size) (\(resampling.rawValue))")
    }
    if let centreCrop { steps.append("centre crop \(centreCrop)") }
    return (steps + [channels.rawValue, arithmetic]).joined(separator: ", ")
  }

  private var arithmetic: String {
    var formula = divisor == 1 ? "x" : "x / \(Self.text(divisor))"
    switch mean {
    case .ofPicture: formula += " - mean of the picture"
    case .perChannel(let mean) where mean.contains { $0 != 0 }: formula += " - " + Self.text(mean)
    case .perChannel: break
    }
    guard standardDeviation.contains(where: { $0 != 1 }) else { return formula }
    let deviation = Self.text(standardDeviation)
    return formula.contains(" - ") ? "(\(formula)) / \(deviation)" : "\(formula) / \(deviation)"
  }

  private static func text(_ numbers: [Float]) -> String {
    numbers.count == 1
      ? text(numbers[0]) : "[" + numbers.map(text).joined(separator: ", ") + "]"
  }

  /// Whole numbers without `.0`.
  private static func text(_ number: Float) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
