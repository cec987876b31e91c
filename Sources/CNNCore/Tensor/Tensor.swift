public import CNNSystem

/// Elements of type Float32 in row-major order, as a value: activations are `[N, C, H, W]`,
/// features `[N, F]`.
///
///     var tensor = Tensor(zeros: [1, 3, 224, 224])
///     tensor[0, 2, 10, 20] = 0.5
///     print(tensor)  // [1, 3, 224, 224]: 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ...
///
/// Copies share memory until one of them is written (copy on write), so a tensor can be handed to
/// any task. Mistakes of the caller, such as an index outside the shape, end the process with a
/// message, as they do for `Array`.
public struct Tensor: Sendable {
  /// The size of each dimension, the slowest first.
  public let shape: [Int]
  private var memory: Memory

  /// A tensor of zeros.
  ///
  /// - Parameter shape: no dimension negative.
  public init(zeros shape: [Int]) {
    self.init(uninitialized: shape) { elements in elements.update(repeating: 0) }
  }

  /// A tensor of given elements in row-major order.
  ///
  /// - Parameters:
  ///   - shape: no dimension negative.
  ///   - elements: as many as the shape says.
  public init(shape: [Int], elements: some Collection<Float>) {
    let count = Tensor.elementCount(of: shape)
    requireArgument(
      elements.count == count,
      "a tensor of shape \(shape) has \(count) elements, not \(elements.count)")
    self.init(uninitialized: shape) { target in _ = target.update(fromContentsOf: elements) }
  }

  /// A tensor whose every element `fill` writes.
  public init<Failure: Error>(
    uninitialized shape: [Int],
    fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    self.shape = shape
    memory = Memory(byteCount: Tensor.elementCount(of: shape) * MemoryLayout<Float>.stride)
    try fill(Tensor.elements(of: memory))
  }

  private init(shape: [Int], memory: Memory) {
    self.shape = shape
    self.memory = memory
  }

  /// The number of elements.
  public var count: Int { memory.count / MemoryLayout<Float>.stride }

  /// The elements in row-major order, copied.
  public var elements: [Float] { withUnsafeElements { Array($0) } }

  /// The raw bytes, shared with this tensor: little-endian on every platform of the package.
  public var bytes: Bytes { Bytes(memory) }

  /// The same elements under another shape of as many elements, sharing memory.
  public func reshaped(_ shape: [Int]) -> Tensor {
    requireArgument(
      Tensor.elementCount(of: shape) == count, "shape \(self.shape) cannot become \(shape)")
    return Tensor(shape: shape, memory: memory)
  }

  /// Reads the elements; the pointer is valid only inside `body` and 64-byte aligned.
  public func withUnsafeElements<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(memory) {} }
    return try body(UnsafeBufferPointer(Tensor.elements(of: memory)))
  }

  /// Writes the elements in place, after a copy where another tensor shares them.
  public mutating func withUnsafeMutableElements<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isKnownUniquelyReferenced(&memory) {
      let copy = Memory(byteCount: memory.count)
      copy.base.copyMemory(from: memory.base, byteCount: memory.count)
      memory = copy
    }
    defer { withExtendedLifetime(memory) {} }
    return try body(Tensor.elements(of: memory))
  }

  /// The product of the dimensions of `shape`, none of which is negative.
  package static func elementCount(of shape: [Int]) -> Int {
    shape.reduce(1) { product, size in
      requireArgument(size >= 0, "a dimension cannot be negative: \(shape)")
      let (count, overflow) = product.multipliedReportingOverflow(by: size)
      requireArgument(!overflow, "no memory holds a tensor of shape \(shape)")
      return count
    }
  }

  private static func elements(of memory: Memory) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: memory.base.assumingMemoryBound(to: Float.self),
      count: memory.count / MemoryLayout<Float>.stride)
  }
}

extension Tensor {
  /// One element: `tensor[n, c, y, x]`, an index for each dimension.
  ///
  /// For looking at results. Loops over many elements are far faster with `withUnsafeElements`.
  public subscript(_ indices: Int...) -> Float {
    get {
      let offset = offset(of: indices)
      return withUnsafeElements { $0[offset] }
    }
    set {
      let offset = offset(of: indices)
      withUnsafeMutableElements { $0[offset] = newValue }
    }
  }

  private func offset(of indices: [Int]) -> Int {
    requireArgument(
      indices.count == shape.count && zip(indices, shape).allSatisfy { 0..<$1 ~= $0 },
      "index \(indices) is outside a tensor of shape \(shape)")
    return zip(indices, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// The pictures of several tensors as one batch.
  ///
  /// - Parameter tensors: at least one; `[N_i, ...]`, equal but for the first dimension.
  public init(rows tensors: [Tensor]) {
    guard let first = tensors.first else { fatalError("a batch of no tensors") }
    if tensors.count == 1 {
      self = first
      return
    }
    let inner = first.shape.dropFirst()
    requireArgument(
      tensors.allSatisfy { $0.shape.dropFirst() == inner },
      "rows of different shapes: \(tensors.map(\.shape))")
    self.init(uninitialized: [tensors.reduce(0) { $0 + $1.shape[0] }] + inner) { target in
      var offset = 0
      for tensor in tensors {
        tensor.withUnsafeElements { source in
          let part = UnsafeMutableBufferPointer(rebasing: target[offset..<offset + source.count])
          _ = part.update(fromContentsOf: source)
        }
        offset += tensor.count
      }
    }
  }

  /// Each picture of a batch `[N, ...]` as a tensor `[1, ...]` of its own.
  public var rows: [Tensor] { (0..<(shape.first ?? 0)).map { self[row: $0] } }

  /// One picture of a batch `[N, ...]`, as a tensor `[1, ...]` of its own.
  public subscript(row index: Int) -> Tensor {
    requireArgument(
      0..<(shape.first ?? 0) ~= index, "row \(index) is outside a tensor of shape \(shape)")
    guard shape[0] != 1 else { return self }
    let inner = Array(shape.dropFirst())
    let size = Tensor.elementCount(of: inner)
    return withUnsafeElements { elements in
      Tensor(shape: [1] + inner, elements: elements[(index * size)..<((index + 1) * size)])
    }
  }
}

extension Tensor: Equatable {
  /// Equal shapes and equal elements (as numbers: NaN equals nothing).
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.shape == right.shape
      && left.withUnsafeElements { a in right.withUnsafeElements { b in a.elementsEqual(b) } }
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first elements: `[2, 10]: 0.25, -1.5, 3.0, 0.0, 1.0, 2.0, ...`.
  public var description: String {
    let shown = withUnsafeElements { $0.prefix(6).map(\.description) }
    let more = count > shown.count ? ["..."] : []
    return "\(shape): " + (shown + more).joined(separator: ", ")
  }
}
