internal import CNNCore
public import CNNSystem

/// A data set in two parts: pictures to train with, and pictures to validate on.
///
/// The split is exact and stratified: of N pictures `round(N * share)` validate, and each class
/// gives its share of them, up to one picture. It depends on the names of the pictures and on the
/// seed, not on the order in which a disk lists them.
public struct DataSplit: Sendable {
  /// Most of the pictures.
  public let training: DataSet
  /// The others.
  public let validation: DataSet

  /// The usual share of pictures that validate.
  public static let usualValidationShare = 0.15

  /// Two parts that are known. Precondition: the same classes.
  public init(training: DataSet, validation: DataSet) {
    precondition(training.classNames == validation.classNames, "parts of different classes")
    self.training = training
    self.validation = validation
  }

  /// Splits a data set.
  ///
  /// - Parameters:
  ///   - validationShare: between 0 and 1, exclusively.
  ///   - seed: another seed chooses other pictures.
  /// - Throws: a `usage` error for a share outside its range, a `data` error for a class of fewer
  ///   than two pictures, which could not be in both parts.
  public init(
    _ dataSet: DataSet, validationShare: Double = usualValidationShare, seed: UInt64 = 0
  ) throws(CNNError) {
    guard validationShare > 0, validationShare < 1 else {
      throw CNNError(
        .usage, .unknown, "the share of pictures that validate is out of range",
        found: "\(validationShare)", expected: "more than 0 and less than 1, such as 0.15")
    }
    let counts = dataSet.countsByClass
    let rare = counts.indices.filter { counts[$0] < 2 }
    guard rare.isEmpty else {
      throw CNNError(
        .data, .mismatch, "there are classes of fewer than two pictures: they cannot be split",
        remedy: "Add pictures, or leave the class out",
        details: CNNError.details(of: rare.map { "\(dataSet.classNames[$0]): \(counts[$0])" }))
    }
    let shares = Self.exactShares(of: counts, share: validationShare)
    var validates = [Bool](repeating: false, count: dataSet.count)
    for (classIndex, members) in Self.membersByName(dataSet).enumerated() {
      let numbers = RandomNumbers(seed: seed, purpose: .split, classIndex)
      for position in numbers.permutation(of: members.count).prefix(shares[classIndex]) {
        validates[members[position]] = true
      }
    }
    training = dataSet.selecting(validates.indices.filter { !validates[$0] })
    validation = dataSet.selecting(validates.indices.filter { validates[$0] })
  }

  /// How many pictures of each class validate: rounded down, and the classes that lose most by
  /// that get the pictures that are missing from the whole (the method of the largest remainder).
  /// Every class keeps at least one picture on either side.
  static func exactShares(of counts: [Int], share: Double) -> [Int] {
    let total = Int((Double(counts.reduce(0, +)) * share).rounded())
    let ideal = counts.map { Double($0) * share }
    var shares = counts.indices.map { max(1, min(counts[$0] - 1, Int(ideal[$0]))) }
    let order = counts.indices.sorted {
      (ideal[$1] - Double(shares[$1]), $0) < (ideal[$0] - Double(shares[$0]), $1)
    }
    var missing = total - shares.reduce(0, +)
    for index in order where missing > 0 && shares[index] + 1 < counts[index] {
      shares[index] += 1
      missing -= 1
    }
    // Many small classes can have taken more than the whole: the largest give some back.
    for index in order.reversed() where missing < 0 && shares[index] > 1 {
      shares[index] -= 1
      missing += 1
    }
    return shares
  }

  /// The positions of each class's pictures, in the order of the bytes of their names.
  private static func membersByName(_ dataSet: DataSet) -> [[Int]] {
    let names = dataSet.pictures.map { $0.source.listedPath ?? Array($0.source.name.utf8) }
    var members = [[Int]](repeating: [], count: dataSet.classNames.count)
    for index in names.indices.sorted(by: { names[$0].lexicographicallyPrecedes(names[$1]) }) {
      members[dataSet.pictures[index].classIndex].append(index)
    }
    return members
  }
}
