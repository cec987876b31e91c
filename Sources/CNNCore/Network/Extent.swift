/// A height and a width, in elements: of a kernel, a stride, a picture. An integer literal means a
/// square: `let kernel: Extent = 3`.
public struct Extent: Sendable, Hashable, Codable {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// An extent of `height` rows and `width` columns.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(square side: Int) { self.init(height: side, width: side) }
}

extension Extent: ExpressibleByIntegerLiteral {
  /// A square.
  public init(integerLiteral side: Int) { self.init(square: side) }
}

extension Extent: CustomStringConvertible {
  /// `3x3`, height first.
  public var description: String { "\(height)x\(width)" }
}
