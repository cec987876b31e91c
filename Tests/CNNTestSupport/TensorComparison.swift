public import CNNCore
public import Testing

/// Expects equal shapes and, for every element, `|actual - expected| <= absolute + relative *
/// |expected|`. A failure tells the worst element and the first few pairs.
public func expectClose(
  _ actual: Tensor, _ expected: Tensor, absolute: Float = 0, relative: Float = 0,
  _ name: String = "tensor", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.shape == expected.shape else {
    Issue.record(
      "\(name): shape \(actual.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
    return
  }
  expectClose(
    actual.elements, expected.elements, absolute: absolute, relative: relative, name,
    sourceLocation: sourceLocation)
}

/// The same for plain lists of numbers.
public func expectClose(
  _ actual: [Float], _ expected: [Float], absolute: Float = 0, relative: Float = 0,
  _ name: String = "list", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record(
      "\(name): \(actual.count) elements, expected \(expected.count)",
      sourceLocation: sourceLocation)
    return
  }
  var worst: (index: Int, excess: Float)?
  var failures = 0
  for (index, (a, b)) in zip(actual, expected).enumerated() {
    let excess = abs(a - b) - (absolute + relative * abs(b))
    // Written so that NaN, which compares false with everything, fails too.
    guard !(excess <= 0), a != b else { continue }
    failures += 1
    if worst == nil || !(excess <= worst?.excess ?? 0) { worst = (index, excess) }
  }
  guard let worst else { return }
  let pairs = zip(actual, expected).prefix(5).map { "\($0) for \($1)" }.joined(separator: ", ")
  Issue.record(
    """
    \(name): \(failures) of \(actual.count) elements differ; worst at \(worst.index): \
    \(actual[worst.index]), expected \(expected[worst.index]); first pairs: \(pairs)
    """, sourceLocation: sourceLocation)
}
