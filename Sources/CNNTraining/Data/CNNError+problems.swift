package import CNNSystem

extension CNNError {
  /// The first ten of many problems, and how many more there are, for `details`.
  package static func details(of problems: [String]) -> [String] {
    let shown = 10
    let rest = problems.count > shown ? ["... and \(problems.count - shown) more"] : []
    return problems.prefix(shown) + rest
  }
}
