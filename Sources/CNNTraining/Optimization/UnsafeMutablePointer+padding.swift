extension UnsafeMutablePointer<Float> {
  /// Copies `count` numbers and fills the row up with zeros to `length`.
  func copy(_ source: UnsafePointer<Float>, count: Int, paddedTo length: Int) {
    update(from: source, count: count)
    (self + count).update(repeating: 0, count: length - count)
  }
}
