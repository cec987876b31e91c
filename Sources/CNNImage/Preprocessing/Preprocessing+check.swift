internal import CNNCore
internal import CNNSystem

extension Preprocessing {
  /// Throws unless every step can be done and the input size is the same for all pictures.
  func check() throws(CNNError) {
    try Self.check(resize.size, "resize")
    if case .shortSide = resize, centreCrop == nil {
      throw CNNError(
        .usage, .invalidShape, "preprocessing: a short side alone leaves the input size open",
        remedy: "Add a centre crop, or squash instead")
    }
    if let centreCrop { try Self.check(centreCrop, "centre crop") }
    if case .perChannel(let mean) = mean { try check(mean, "mean") }
    try check(standardDeviation, "standard deviation")
    guard divisor.isFinite, divisor != 0, !standardDeviation.contains(0) else {
      throw CNNError(
        .usage, .corrupt, "preprocessing: a division by zero or by no finite number",
        found: "\(divisor), \(standardDeviation)")
    }
  }

  /// Whether both sides are those of an input that fits in memory.
  static func isAllowed(_ size: Extent) -> Bool {
    (1...maximumInputSide).contains(size.height) && (1...maximumInputSide).contains(size.width)
  }

  /// Throws unless `size` is allowed; `name` is whose size it is.
  static func check(_ size: Extent, _ name: String) throws(CNNError) {
    guard isAllowed(size) else {
      throw CNNError(
        .usage, .invalidShape, "preprocessing: the \(name) has an impossible size",
        found: "\(size)", expected: "sides from 1 to \(maximumInputSide)")
    }
  }

  private func check(_ numbers: [Float], _ name: String) throws(CNNError) {
    guard numbers.count == channels.count else {
      throw CNNError(
        .usage, .invalidShape, "preprocessing: the \(name) does not fit the channels",
        found: "\(numbers.count) numbers", expected: "\(channels.count) for \(channels.rawValue)")
    }
    guard numbers.allSatisfy(\.isFinite) else {
      throw CNNError(
        .usage, .corrupt, "preprocessing: the \(name) has a number that is not finite",
        found: "\(numbers)")
    }
  }
}
