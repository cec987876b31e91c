public import CNNSystem

/// A file for Kaggle's "Dogs vs. Cats Redux": `id,label`, the picture's number and the
/// probability of the second class (dog), in the order of the numbers.
public struct KaggleSubmission: Sendable {
  private var probabilities: [Int: Double] = [:]

  /// An empty file.
  public init() {}

  /// Adds a picture.
  ///
  /// - Parameters:
  ///   - name: the last whole number in the file's name is its id: 12 in `test/12.jpg`, 7412 in
  ///     `dog.7412.jpg`.
  ///   - probability: of the second class.
  /// - Throws: a `data` error for a name without a number, and for a number that is there already.
  public mutating func add(name: String, probability: Double) throws(CNNError) {
    let file = name.split(separator: "/").last ?? ""
    let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file[...]
    let digits = stem.split { !("0"..."9").contains($0) }.last
    guard let id = digits.flatMap({ Int($0) }) else {
      throw CNNError(
        .data, .unknown, "Kaggle's file needs a number for each picture", subject: name,
        expected: "a name such as 12.jpg")
    }
    guard probabilities.updateValue(probability, forKey: id) == nil else {
      throw CNNError(
        .data, .mismatch, "two pictures have the same number", subject: name, found: "\(id)",
        expected: "a different number for each, as Kaggle's test pictures have")
    }
  }

  /// The contents of the file.
  public var text: String {
    let lines = probabilities.sorted { $0.key < $1.key }.map { "\($0.key),\($0.value)" }
    return (["id,label"] + lines).joined(separator: "\n") + "\n"
  }
}
