internal import CNNPlatform

/// Whether something can be held in memory, asked before it is allocated: an allocation that fails
/// ends the process.
public enum MemoryBudget {
  /// Memory of the machine, in bytes.
  public static var physical: Int {
    Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Throws `tooLarge` where `bytes` are more than the machine has.
  ///
  /// - Parameters:
  ///   - bytes: what will be allocated; nil where the number itself overflows.
  ///   - subject: what for.
  ///   - domain: which rail refuses.
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
