#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// What went wrong, written for the person who has to fix it.
///
/// Every error of the package is one value of this type: what (`code`, `problem`), where
/// (`subject`, `location`), what was found and what was expected, and the remedy. Its
/// `description` is one line:
///
///     cat.jpg: the JPEG ends too early (at byte 4711): found 38 % of the rows, expected all. ...
///
/// Programmer mistakes (a tensor of the wrong rank) are preconditions, not errors.
public struct CNNError: Error, Sendable, Hashable, Codable {
  /// What the error is about; a command makes its exit status from it.
  public enum Domain: String, Sendable, Hashable, Codable {
    /// The call itself: an unknown node, an input size that the network cannot take.
    case usage
    /// One picture.
    case picture
    /// A weights file, or its fit to a network.
    case weights
    /// A data set or a list of pictures.
    case data
    /// Something could not be written.
    case output
  }

  /// A short, stable word for programs, such as `truncated`. New codes are not source breaking.
  public struct Code: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The word itself, as it stands in JSON output.
    public var rawValue: String

    /// A code from its word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The word.
    public var description: String { rawValue }

    /// There is no such file.
    public static let notFound = Code(rawValue: "not-found")
    /// The file exists and cannot be read: permissions, a folder, a FIFO, a device.
    public static let unreadable = Code(rawValue: "unreadable")
    /// The file has no bytes.
    public static let empty = Code(rawValue: "empty")
    /// The bytes are of a kind that is not read here.
    public static let unsupported = Code(rawValue: "unsupported")
    /// The bytes end before what they announce.
    public static let truncated = Code(rawValue: "truncated")
    /// The bytes contradict themselves or their checksum.
    public static let corrupt = Code(rawValue: "corrupt")
    /// More pixels, bytes or nesting than the stated limit.
    public static let tooLarge = Code(rawValue: "too-large")
    /// More pixels than the limit that the caller may raise.
    public static let tooManyPixels = Code(rawValue: "too-many-pixels")
    /// A pickle names something outside the allow list.
    public static let unsafe = Code(rawValue: "unsafe")
    /// Arrays are missing, unexpected or of another shape.
    public static let mismatch = Code(rawValue: "mismatch")
    /// A name or value that is not known here.
    public static let unknown = Code(rawValue: "unknown")
    /// A size that a node of the network cannot take.
    public static let invalidShape = Code(rawValue: "invalid-shape")
    /// A number that is NaN or infinite.
    public static let notFinite = Code(rawValue: "not-finite")
    /// The operating system refused to write.
    public static let cannotWrite = Code(rawValue: "cannot-write")
  }

  /// Where in the subject the problem lies.
  public enum Location: Sendable, Hashable, CustomStringConvertible {
    /// Offset from the start of the file, in bytes.
    case byte(Int)
    /// Line of a text file, counted from 1.
    case line(Int)
    /// Array of a weights file.
    case tensor(String)
    /// Node of a network.
    case node(String)

    /// `at byte 12`, `line 3`, `tensor fc6_W`, `node pool5`.
    public var description: String {
      switch self {
      case .byte(let offset): "at byte \(offset)"
      case .line(let number): "line \(number)"
      case .tensor(let name): "tensor \(name)"
      case .node(let name): "node \(name)"
      }
    }
  }

  /// What the error is about.
  public var domain: Domain
  /// The kind of problem, for programs.
  public var code: Code
  /// The file, or the network or option, that the problem is about; printable.
  public var subject: String?
  /// The problem in words, without a full stop.
  public var problem: String
  /// Where in the subject.
  public var location: Location?
  /// What was found there.
  public var found: String?
  /// What was expected there.
  public var expected: String?
  /// What the reader can do.
  public var remedy: Remedy?
  /// Further lines, such as each array that does not fit.
  public var details: [String]

  /// An error from its parts; see the properties.
  public init(
    _ domain: Domain, _ code: Code, _ problem: String, subject: String? = nil,
    at location: Location? = nil, found: String? = nil, expected: String? = nil,
    remedy: Remedy? = nil, details: [String] = []
  ) {
    self.domain = domain
    self.code = code
    self.problem = problem
    self.subject = subject
    self.location = location
    self.found = found
    self.expected = expected
    self.remedy = remedy
    self.details = details
  }

  /// The same error about `subject`, where none was named yet.
  public func about(_ subject: String) -> CNNError {
    var copy = self
    copy.subject = self.subject ?? subject
    return copy
  }
}

extension CNNError: CustomStringConvertible {
  /// One line with everything but the subject: `problem (location): found X, expected Y. Remedy.`
  public var message: String {
    var text = problem
    if let location { text += " (\(location))" }
    let facts = [found.map { "found \($0)" }, expected.map { "expected \($0)" }].compactMap { $0 }
    if !facts.isEmpty { text += ": " + facts.joined(separator: ", ") }
    if let remedy { text += ". \(remedy)" }
    return text
  }

  /// `subject: message`, then the details, a line each, indented by two spaces.
  public var description: String {
    let line = subject.map { "\($0): \(message)" } ?? message
    return ([line] + details.map { "  " + $0 }).joined(separator: "\n")
  }
}

extension CNNError {
  /// The first ten of many problems, and how many more there are, for `details`.
  package static func details(of problems: [String]) -> [String] {
    let shown = 10
    let rest = problems.count > shown ? ["... and \(problems.count - shown) more"] : []
    return problems.prefix(shown) + rest
  }
}

extension CNNError: LocalizedError {
  /// The `description`, so that `localizedDescription` of any error says it too.
  public var errorDescription: String? { description }
}

/// `{"byte": 4711}`, `{"tensor": "fc6_W"}`.
extension CNNError.Location: Codable {
  private enum CodingKeys: CodingKey {
    case byte, line, tensor, node
  }

  /// Decodes what `encode(to:)` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let key = container.allKeys.first else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: container.codingPath, debugDescription: "this is no location of an error"))
    }
    self =
      switch key {
      case .byte: .byte(try container.decode(Int.self, forKey: key))
      case .line: .line(try container.decode(Int.self, forKey: key))
      case .tensor: .tensor(try container.decode(String.self, forKey: key))
      case .node: .node(try container.decode(String.self, forKey: key))
      }
  }

  /// An object whose only key is the kind of location.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .byte(let offset): try container.encode(offset, forKey: .byte)
    case .line(let number): try container.encode(number, forKey: .line)
    case .tensor(let name): try container.encode(name, forKey: .tensor)
    case .node(let name): try container.encode(name, forKey: .node)
    }
  }
}

extension Optional {
  /// The value, or what `otherwise` makes; like `??`, but errors keep their type.
  package func or<Failure: Error>(
    _ otherwise: () throws(Failure) -> Wrapped
  ) throws(Failure) -> Wrapped {
    if let self { self } else { try otherwise() }
  }
}

/// Ends the process with a message where the caller's value breaks a rule of the function.
///
/// For public functions that do not throw. Unlike that of `precondition`, the message is printed in
/// optimised builds too: it is what the author of the calling program needs.
@inlinable
package func requireArgument(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}
