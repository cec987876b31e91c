internal import CNNPlatform

/// One block of memory and its owner: allocated here, or a file mapped by the kernel.
///
/// `@unchecked Sendable`: the bytes are written only by the creator before the block is shared, or
/// by a value type that has checked that it holds the only reference (copy on write). A block that
/// two values share is never written again.
public final class Memory: @unchecked Sendable {
  /// The first byte; 64-byte aligned where allocated, page aligned where mapped.
  public let base: UnsafeMutableRawPointer
  /// Size in bytes.
  public let count: Int
  /// Whether the bytes are a read-only view of a file.
  public let isMapped: Bool

  /// Size of the pages that large blocks ask for.
  private static let hugePage = 2 << 20

  /// A block of `count` uninitialised bytes, aligned to 64 bytes (a cache line, an AVX-512
  /// register). Blocks of several megabytes ask for huge pages: 500 times fewer page faults.
  public init(byteCount count: Int) {
    precondition(count >= 0, "a memory block cannot have \(count) bytes")
    self.count = count
    self.isMapped = false
    var pointer: UnsafeMutableRawPointer?
    let isLarge = count >= 2 * Memory.hugePage
    let status = posix_memalign(&pointer, isLarge ? Memory.hugePage : 64, max(count, 64))
    guard status == 0, let pointer else {
      fatalError("out of memory: \(count) bytes could not be allocated")
    }
    base = pointer
    #if os(Linux)
      // This is advice: where the kernel has no huge pages left, it uses ordinary ones.
      if isLarge { _ = madvise(pointer, count, MADV_HUGEPAGE) }
    #endif
  }

  /// Takes over `count` bytes that `mmap` returned; they are unmapped with this object.
  init(mapped base: UnsafeMutableRawPointer, byteCount count: Int) {
    self.base = base
    self.count = count
    self.isMapped = true
  }

  deinit {
    if isMapped {
      munmap(base, count)
    } else {
      free(base)
    }
  }
}

/// Whether something fits into memory. It is asked before anything is allocated, because an
/// allocation that fails ends the process.
public enum MemoryBudget {
  /// Memory of the machine, in bytes.
  public static var physical: Int {
    Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Throws `tooLarge` where `bytes` are more than the machine has.
  ///
  /// - Parameters:
  ///   - bytes: what will be allocated; nil where the size itself overflows.
  ///   - subject: what it is needed for; the error names it.
  ///   - domain: the domain of the error.
  public static func require(
    _ bytes: Int?, for subject: String, domain: CNNError.Domain = .usage
  ) throws(CNNError) {
    guard let bytes, bytes <= physical else {
      func gigabytes(_ count: Int) -> String { "\(count / 1_000_000_000) GB" }
      throw CNNError(
        domain, .tooLarge, "it does not fit into memory", subject: subject,
        found: bytes.map(gigabytes), expected: "at most \(gigabytes(physical))")
    }
  }
}
