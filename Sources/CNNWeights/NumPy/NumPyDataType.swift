internal import CNNSystem

/// A NumPy type string such as `<f4`: byte order, kind, size.
enum NumPyDataType: Sendable, Equatable {
  /// Elements that are read here.
  case number(ElementType, ByteReader.Endianness)
  /// Python objects, which follow as a pickle.
  case object
  /// Anything else: strings, complex numbers, records, dates.
  case other(String)

  /// The type of `text`. `=` and `|` (not applicable) count as little-endian, the order of all
  /// machines that ever wrote one.
  init(_ text: String) {
    let order = text.first.flatMap { "<>|=".contains($0) ? $0 : nil }
    let name = order == nil ? text : String(text.dropFirst())
    if let type = Self.numbers[name] {
      self = .number(type, order == ">" ? .big : .little)
    } else if name == "O" || name == "O4" || name == "O8" {
      self = .object
    } else {
      self = .other(text)
    }
  }

  private static let numbers = [String: ElementType](
    uniqueKeysWithValues: ElementType.allCases.compactMap { type in
      type.numPyName.map { ($0, type) }
    } + [("?", .bool)])

  /// What arrays of this type hold, for the list of what was not read.
  var description: String {
    switch self {
    case .number(let type, _): "numbers (\(type.rawValue))"
    case .object: "Python objects"
    case .other(let text): "not numbers (NumPy type \(text.printable))"
    }
  }
}
