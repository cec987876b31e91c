internal import CNNPlatform

/// A range of immutable bytes: a whole file, one array in it, or allocated memory.
///
/// Slices share the owner, so an array of a mapped file costs nothing until it is read. The first
/// byte may lie at any address: read numbers with `loadUnaligned`.
public struct Bytes: Sendable {
  let owner: Memory
  let offset: Int
  /// Size in bytes.
  public let count: Int

  /// All bytes of `memory`, which must not be written any more.
  public init(_ memory: Memory) {
    self.init(owner: memory, offset: 0, count: memory.count)
  }

  private init(owner: Memory, offset: Int, count: Int) {
    self.owner = owner
    self.offset = offset
    self.count = count
  }

  /// A copy of `bytes`.
  public init(copying bytes: some Collection<UInt8>) {
    let memory = Memory(byteCount: bytes.count)
    let target = UnsafeMutableRawBufferPointer(start: memory.base, count: memory.count)
    target.copyBytes(from: bytes)
    self.init(memory)
  }

  /// New memory of `count` bytes, which `fill` writes.
  public init<Failure: Error>(
    count: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let memory = Memory(byteCount: count)
    try fill(UnsafeMutableRawBufferPointer(start: memory.base, count: count))
    self.init(memory)
  }

  /// Whether the bytes are mapped from a file and not held in allocated memory.
  public var isMapped: Bool { owner.isMapped }

  /// The bytes `range`, counted from the first byte of this value. Precondition: it lies inside.
  public subscript(range: Range<Int>) -> Bytes {
    requireArgument(range.lowerBound >= 0 && range.upperBound <= count, "range outside the bytes")
    return Bytes(owner: owner, offset: offset + range.lowerBound, count: range.count)
  }

  /// Asks the system to map all pages of `range` at once, instead of at a page fault for every few of
  /// them; threads call it for the parts that they are about to read. It has no effect where the
  /// bytes are not mapped or the system does not support it.
  package func mapPages(_ range: Range<Int>) {
    guard isMapped, !range.isEmpty else { return }
    #if os(Linux)
      let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
      let first = (offset + range.lowerBound) / pageSize * pageSize
      let populateForReading: Int32 = 22  // MADV_POPULATE_READ, Linux 5.14
      _ = madvise(owner.base + first, offset + range.upperBound - first, populateForReading)
    #endif
  }

  /// Calls `body` with the bytes; the pointer is valid only inside.
  @inlinable
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let pointer = start
    return try withExtendedLifetimeOfOwner { () throws(Failure) in
      try body(UnsafeRawBufferPointer(start: pointer, count: count))
    }
  }

  @usableFromInline var start: UnsafeRawPointer { UnsafeRawPointer(owner.base + offset) }

  @usableFromInline
  func withExtendedLifetimeOfOwner<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try body()
  }

  /// The bytes as an array, for short pieces.
  public var array: [UInt8] { withUnsafeBytes { Array($0) } }
}
