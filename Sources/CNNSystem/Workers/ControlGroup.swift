internal import CNNPlatform

/// The CPU limit of the Linux control group that this process belongs to: how a container says
/// `--cpus 2`. Documentation: `cgroup-v2.rst` and `cgroup-v1/` of the kernel, `proc(5)`.
package enum ControlGroup {
  /// Where a hierarchy of groups is mounted, from a line of `/proc/self/mountinfo`.
  package struct Mount: Equatable {
    /// The group whose files are at the mount point; `/` outside of containers.
    package let root: String
    /// The folder.
    package let folder: String
    /// Whether this is the unified hierarchy (version 2) and not that of the controller `cpu`.
    package let isUnified: Bool
  }

  /// Processors that the limits of the group and of all groups around it allow, rounded up; nil for
  /// no limit.
  ///
  /// - Parameter read: the text of a file, or nil where there is none.
  package static func processorLimit(read: (String) -> String? = KernelFile.text) -> Int? {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return nil
    }
    let limits = self.mounts(inText: mounts).flatMap { mount in
      folders(of: mount, groups: groups).compactMap { folder in
        mount.isUnified
          ? read(folder + "/cpu.max").flatMap(limit(cpuMax:))
          : read(folder + "/cpu.cfs_quota_us").flatMap { quota in
            read(folder + "/cpu.cfs_period_us").flatMap { limit(quota: quota, period: $0) }
          }
      }
    }
    return limits.min()
  }

  /// The processors of a `cpu.max`, such as `150000 100000` (quota and period in microseconds) or
  /// `max 100000`.
  package static func limit(cpuMax text: String) -> Int? {
    let fields = text.split { $0.isWhitespace }
    guard fields.count == 2 else { return nil }
    return limit(quota: String(fields[0]), period: String(fields[1]))
  }

  /// `quota / period`, rounded up; nil where there is no limit (`-1`, `max`) or where the
  /// text is something else.
  package static func limit(quota: String, period: String) -> Int? {
    func number(_ text: String) -> Int? { text.split { $0.isWhitespace }.first.flatMap { Int($0) } }
    guard let quota = number(quota), let period = number(period), quota > 0, period > 0 else {
      return nil
    }
    return (quota - 1) / period + 1
  }

  /// The mounts that hold CPU limits.
  ///
  ///     31 23 0:28 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup rw
  package static func mounts(inText text: String) -> [Mount] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard
        let dash = fields.firstIndex(of: "-"), dash >= 6, dash + 3 < fields.count
      else { return nil }
      let isUnified = fields[dash + 1] == "cgroup2"
      let holdsCPU = fields[dash + 3].split(separator: ",").contains("cpu")
      guard isUnified || (fields[dash + 1] == "cgroup" && holdsCPU) else { return nil }
      return Mount(
        root: String(fields[3]), folder: unescaped(fields[4]), isUnified: isUnified)
    }
  }

  /// The folders of the process's group in `mount` and of the groups around it, innermost first.
  ///
  /// - Parameter groups: `/proc/self/cgroup`, whose lines are `0::/path` for the unified hierarchy
  ///   and `4:cpu,cpuacct:/path` for the others.
  package static func folders(of mount: Mount, groups: String) -> [String] {
    let path = groups.split(separator: "\n").lazy.compactMap { line -> Substring? in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      let isHere =
        mount.isUnified
        ? fields[0] == "0" && fields[1].isEmpty : fields[1].split(separator: ",").contains("cpu")
      return isHere ? fields[2] : nil
    }.first
    guard let path else { return [] }
    // A container sees its own group at the mount point while the path may still be the host's.
    let root = mount.root == "/" ? "" : mount.root
    let inside = path.hasPrefix(root) ? path.dropFirst(root.count) : ""
    var parts = inside.split(separator: "/")
    guard !parts.contains("..") else { return [mount.folder] }
    var folders: [String] = []
    while !parts.isEmpty {
      folders.append(mount.folder + "/" + parts.joined(separator: "/"))
      parts.removeLast()
    }
    return folders + [mount.folder]
  }

  /// `/a\040b` as `/a b`: the kernel writes blanks, tabs, line ends and backslashes in octal.
  private static func unescaped(_ field: Substring) -> String {
    let parts = field.split(separator: "\\", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(String(parts.first ?? "")) { text, part in
      guard let code = UInt8(part.prefix(3), radix: 8) else { return text + "\\" + part }
      return text + String(UnicodeScalar(code)) + part.dropFirst(3)
    }
  }
}

/// The small text files in which the Linux kernel describes a process.
package enum KernelFile {
  /// The whole text; nil where there is no such file, as on other systems.
  ///
  /// The size of these files is given as 0, so they are read until no more bytes come.
  package static func text(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = read(descriptor, &block, block.count)
      guard count > 0 else { return count == 0 ? String(decoding: text, as: UTF8.self) : nil }
      text += block[..<count]
    }
  }
}
