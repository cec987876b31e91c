internal import CNNSystem

/// The index of a value in a `PickleHeap`.
struct PickleReference: Hashable, Sendable {
  let index: Int
}

/// A value that a pickle builds. Containers hold references and not values, because freeing a deep
/// chain of nested Swift values overflows the stack.
///
/// `Object` is what the globals of one file format mean and make.
enum PickleValue<Object: Sendable>: Sendable {
  case none
  case boolean(Bool)
  case integer(Int)
  /// An integer that does not fit 64 bits; its value is never needed.
  case largeInteger
  case float(Double)
  /// Text in UTF-8, not yet validated.
  case text(Bytes)
  /// `bytes` and `bytearray` of Python 3, `str` of Python 2.
  case bytes(Bytes)
  case tuple([PickleReference])
  case list([PickleReference])
  /// A value of which only the kind is known, in words: no weights file needs more of it.
  case opaque(String)
  /// Keys and values in order, `OrderedDict` included.
  case dictionary([PickleEntry])
  case object(Object)

  /// What the value is, in words.
  var kind: String {
    switch self {
    case .none: "None"
    case .boolean: "a boolean"
    case .integer, .largeInteger: "an integer"
    case .float: "a number"
    case .text, .bytes: "a text"
    case .tuple, .list: "a list"
    case .opaque(let kind): kind
    case .dictionary: "a dict"
    case .object: "an object"
    }
  }
}

/// A key and its value.
struct PickleEntry: Sendable {
  var key: PickleReference
  var value: PickleReference
}
