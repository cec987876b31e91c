import CNNKit
import Foundation

/// Measures how long other tasks of a program have to wait while eight tasks classify pictures.
///
///     swift run -c release HeartbeatGap resnet18 resnet18-f37072fd.pth cat.jpg
///
/// A heartbeat task sleeps for a millisecond again and again; the longest time between two beats,
/// less that millisecond, is how long it was kept waiting. The asynchronous form of `classify` is
/// measured first, then the synchronous one, which occupies the threads of Swift's cooperative pool.
@main
struct HeartbeatGap {
  private static let clients = 8
  private static let picturesPerClient = 40

  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else {
      print("usage: HeartbeatGap MODEL WEIGHTS PICTURE")
      exit(2)
    }
    let classifier = try await ComputeExecutor.shared.run { () throws(CNNError) in
      try ImageClassifier(
        model: CNNModel(named: arguments[1]), weights: URL(fileURLWithPath: arguments[2]))
    }
    let picture = try Data(contentsOf: URL(fileURLWithPath: arguments[3]))
    try await measure("asynchronous") {
      _ = try await classifier.classify(encoded: picture)
    }
    try await measure("synchronous") {
      // A synchronous function, so that the synchronous form is called.
      func classify() throws { _ = try classifier.classify(encoded: picture) }
      try classify()
      await Task.yield()
    }
  }

  /// Prints the longest wait of the heartbeat and the rate of the clients.
  private static func measure(
    _ name: String, _ classify: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await classify()
    let heartbeat = Task {
      var longest = Duration.zero
      while !Task.isCancelled {
        let start = ContinuousClock.now
        try? await Task.sleep(for: .milliseconds(1))
        longest = max(longest, start.duration(to: .now) - .milliseconds(1))
      }
      return longest
    }
    let duration = try await ContinuousClock().measure {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<clients {
          group.addTask { for _ in 0..<picturesPerClient { try await classify() } }
        }
        try await group.waitForAll()
      }
    }
    heartbeat.cancel()
    let gap = await heartbeat.value / .milliseconds(1)
    let rate = Double(clients * picturesPerClient) / (duration / .seconds(1))
    print("\(name): longest wait \(gap.rounded()) ms, \(rate.rounded()) pictures a second")
  }
}
