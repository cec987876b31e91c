internal import CNNSystem

/// The globals that pickles of one file format may name, and what they mean.
///
/// Nothing is ever called or imported. A global that is not on the list ends the reading, whatever
/// it is: lists of what is forbidden have always had gaps.
protocol PickleVocabulary {
  /// What a global means, and what it makes.
  associatedtype Object: Sendable

  /// What somebody can do about a pickle that is refused.
  var remedy: CNNError.Remedy { get }

  /// The meaning of `module.name`, or nil where it is not on the list.
  func global(_ module: String, _ name: String) -> Object?

  /// The value that Python would get by calling `callable`.
  ///
  /// - Throws: `unsafe` or `corrupt` where the format never calls it with such arguments.
  func call(
    _ callable: Object, _ arguments: [PickleReference], _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> PickleValue<Object>

  /// `object` after Python would have given it `state`. Throws like `call`.
  func build(
    _ object: Object, _ state: PickleReference, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Object

  /// The object outside of the pickle that `identifier` refers to. Throws like `call`.
  func load(
    _ identifier: PickleReference, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Object
}

/// The vocabulary of pickles that hold plain values only.
struct PlainPickle: PickleVocabulary {
  var remedy: CNNError.Remedy { "The file is damaged or made to do harm" }

  func global(_ module: String, _ name: String) -> Never? { nil }

  func call(
    _ callable: Never, _ arguments: [PickleReference], _ heap: inout PickleHeap<Never>
  ) throws(CNNError) -> PickleValue<Never> {}

  func build(
    _ object: Never, _ state: PickleReference, _ heap: inout PickleHeap<Never>
  ) throws(CNNError) -> Never {}

  func load(
    _ identifier: PickleReference, _ heap: inout PickleHeap<Never>
  ) throws(CNNError) -> Never {
    throw PickleHeap<Never>.misuse("it refers to an object outside of it")
  }
}
