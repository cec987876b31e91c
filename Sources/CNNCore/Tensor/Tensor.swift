public import CNNSystem

/// Numbers of type Float32 in row-major order, as a value: activations are `[N, C, H, W]`,
/// features `[N, F]`.
///
/// Copies share memory until one of them is written (copy on write), so a tensor can be handed to
/// any task.
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

  /// A tensor of given elements in row-major order. Precondition: as many as the shape says.
  public init(shape: [Int], elements: some Collection<Float>) {
    let count = Tensor.elementCount(of: shape)
    precondition(elements.count == count, "shape \(shape) needs \(count) elements")
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

  /// The same elements under another shape, sharing memory. Precondition: equal element counts.
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(Tensor.elementCount(of: shape) == count, "\(self.shape) cannot become \(shape)")
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

  /// The product of the dimensions. Precondition: it does not overflow.
  public static func elementCount(of shape: [Int]) -> Int {
    shape.reduce(1) { product, size in
      precondition(size >= 0, "a dimension cannot be negative: \(shape)")
      return product * size
    }
  }

  private static func elements(of memory: Memory) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: memory.base.assumingMemoryBound(to: Float.self),
      count: memory.count / MemoryLayout<Float>.stride)
  }
}

extension Tensor: Equatable {
  /// Equal shapes and equal elements (as numbers: NaN equals nothing).
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.shape == right.shape
      && left.withUnsafeElements { a in right.withUnsafeElements { b in a.elementsEqual(b) } }
  }
}
