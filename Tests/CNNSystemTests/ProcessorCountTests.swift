import Testing

import CNNSystem

@Suite struct ProcessorCountTests {
  @Test(
    arguments: [
      ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000\n", 2), ("1000 100000\n", 1),
      ("100001 100000\n", 2), ("50000 25000", 2), ("", nil), ("100000", nil), ("0 100000", nil),
      ("-1 100000", nil), ("9223372036854775807 1", Int.max), ("99999999999999999999 1", nil),
      ("100000 0", nil), ("a b", nil),
    ] as [(String, Int?)]) func unifiedLimit(_ text: String, _ expected: Int?)
  {
    #expect(ControlGroup.limit(cpuMax: text) == expected)
  }

  @Test(
    arguments: [
      ("-1\n", "100000\n", nil), ("400000\n", "100000\n", 4), ("250000\n", "100000\n", 3),
      ("", "100000", nil), ("100000", "", nil),
    ] as [(String, String, Int?)])
  func separateLimit(_ quota: String, _ period: String, _ expected: Int?) {
    #expect(ControlGroup.limit(quota: quota, period: period) == expected)
  }

  /// The files of a container of Docker with version 2: the group stands at the mount point.
  @Test func containerWithVersion2() {
    let files = [
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": """
      611 599 0:58 / /proc rw,nosuid - proc proc rw
      625 612 0:29 / /sys/fs/cgroup ro,nosuid,nodev - cgroup2 cgroup rw,nsdelegate
      """,
      "/sys/fs/cgroup/cpu.max": "300000 100000\n",
    ]
    #expect(ControlGroup.processorLimit { files[$0] } == 3)
  }

  /// A service in a slice: the tightest limit of all groups on the way counts.
  @Test func nestedGroupsOfVersion2() {
    var files = [
      "/proc/self/cgroup": "0::/system.slice/app.service\n",
      "/proc/self/mountinfo": "31 23 0:28 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n",
      "/sys/fs/cgroup/system.slice/app.service/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/system.slice/cpu.max": "500000 100000\n",
    ]
    #expect(ControlGroup.processorLimit { files[$0] } == 5)
    files["/sys/fs/cgroup/system.slice/app.service/cpu.max"] = "700000 100000\n"
    #expect(ControlGroup.processorLimit { files[$0] } == 5)
    files["/sys/fs/cgroup/system.slice/app.service/cpu.max"] = "200000 100000\n"
    #expect(ControlGroup.processorLimit { files[$0] } == 2)
  }

  /// Version 1 in a container: the path is the host's and the mount shows the group as its root;
  /// the controller shares its hierarchy, and the folder's name holds a comma and a blank.
  @Test func containerWithVersion1() {
    let files = [
      "/proc/self/cgroup": "5:memory:/docker/ab12\n4:cpu,cpuacct:/docker/ab12\n0::/docker/ab12\n",
      "/proc/self/mountinfo": """
      720 719 0:32 /docker/ab12 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
      721 719 0:33 /docker/ab12 /sys/fs/my\\040cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
      """,
      "/sys/fs/my cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000\n",
      "/sys/fs/my cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ]
    #expect(ControlGroup.processorLimit { files[$0] } == 2)
  }

  @Test func noLimitWithoutGroups() {
    #expect(ControlGroup.processorLimit { _ in nil } == nil)
    #expect(ControlGroup.processorLimit { _ in "" } == nil)
    #expect(ControlGroup.processorLimit { _ in "nonsense : - - :\n:::::\n- - -" } == nil)
  }

  @Test(
    arguments: [
      ("Name:\tcnn\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\n", 8),
      ("Cpus_allowed_list:\t3\n", 1), ("Cpus_allowed_list:\t0-1,4,6-7\nMems_allowed:\t1\n", 5),
      ("Cpus_allowed_list:\t\n", nil), ("Cpus_allowed_list:\t7-3\n", nil),
      ("Cpus_allowed_list:\tx\n", nil), ("", nil), (nil, nil),
    ] as [(String?, Int?)]) func affinity(_ status: String?, _ expected: Int?)
  {
    #expect(Workers.affinityCount(status: status) == expected)
  }

  @Test func threadsInTheEnvironment() throws {
    #expect(try Workers.count(inText: "") == nil)
    #expect(try Workers.count(inText: "1") == 1)
    #expect(try Workers.count(inText: "256") == 256)
    for text in ["0", "-1", "257", "two", "2.5", " 2", "99999999999999999999"] {
      let error = #expect(throws: CNNError.self) { try Workers.count(inText: text) }
      #expect(error?.domain == .usage)
      #expect(error?.description.contains("\"\(text)\"") == true)
    }
  }

  @Test func atLeastOneProcessor() { #expect(Workers.availableProcessors >= 1) }
}
