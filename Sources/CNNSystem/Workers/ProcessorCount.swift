internal import CNNPlatform

extension Workers {
  /// The environment variable that sets the number of worker threads.
  public static let environmentVariable = "CNN_THREADS"

  /// Processors this process may use: those online, less what its affinity mask and the CPU limit
  /// of its control group (a container's) take away; at least 1.
  public static let availableProcessors: Int = {
    let online = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let affinity = affinityCount(status: KernelFile.text(of: "/proc/self/status"))
    return max(1, [online, affinity, ControlGroup.processorLimit()].compactMap { $0 }.min() ?? 1)
  }()

  /// The number of worker threads unless the caller chooses one: `CNN_THREADS`, or one for each
  /// processor this process may use. A `CNN_THREADS` that is no number is ignored here;
  /// `environmentCount()` refuses it.
  public static let defaultCount: Int = {
    let chosen = try? environmentCount()
    return chosen.flatMap { $0 } ?? availableProcessors
  }()

  /// The number in `CNN_THREADS`, or nil where it is not set or empty.
  ///
  /// - Throws: `unknown` for anything but a whole number from 1 to 256.
  public static func environmentCount() throws(CNNError) -> Int? {
    try getenv(environmentVariable).flatMap { (text) throws(CNNError) in
      try count(inText: String(cString: text))
    }
  }

  /// The number of threads that `text` spells, or nil for an empty text.
  package static func count(inText text: String) throws(CNNError) -> Int? {
    if text.isEmpty { return nil }
    guard let count = Int(text), (1...WorkerPool.largestCount).contains(count) else {
      throw CNNError(
        .usage, .unknown, "this is no number of threads", subject: environmentVariable,
        found: "\"\(text)\"", expected: "a whole number from 1 to \(WorkerPool.largestCount)",
        remedy: "Unset it to use all processors")
    }
    return count
  }

  /// Processors in the affinity mask (`taskset`) that `/proc/self/status` shows; nil where it does
  /// not.
  ///
  ///     Cpus_allowed_list:	0-3,7
  package static func affinityCount(status: String?) -> Int? {
    let name = "Cpus_allowed_list:"
    let line = status?.split(separator: "\n").first { $0.hasPrefix(name) }
    guard let list = line?.dropFirst(name.count).filter({ !$0.isWhitespace }) else { return nil }
    var count = 0
    for range in list.split(separator: ",") {
      let ends = range.split(separator: "-").map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else {
        return nil
      }
      count += last - first + 1
    }
    return count > 0 ? count : nil
  }
}
