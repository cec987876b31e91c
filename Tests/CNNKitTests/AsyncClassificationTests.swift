import CNNImage
import CNNKit
import CNNSystem
import CNNTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct AsyncClassificationTests {
  private struct Stop: Error {}

  /// Pictures on request; it counts the requests and knows when nobody can make any more.
  private struct Requested: AsyncSequence, Sendable {
    final class State: Sendable {
      let requests = Atomic(0)
      let hasEnded = Atomic(false)
    }

    /// The end of the sequence: after so many pictures, with an error or without.
    let pictures: [Pixels]
    var error: Stop?
    let state = State()

    func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }

    final class Iterator: AsyncIteratorProtocol {
      private let sequence: Requested
      private var next = 0

      init(sequence: Requested) { self.sequence = sequence }

      deinit { sequence.state.hasEnded.store(true, ordering: .sequentiallyConsistent) }

      func next() async throws -> Pixels? {
        sequence.state.requests.wrappingAdd(1, ordering: .sequentiallyConsistent)
        defer { next += 1 }
        guard next < sequence.pictures.count else {
          if let error = sequence.error { throw error }
          return nil
        }
        return sequence.pictures[next]
      }
    }
  }

  private let classifier: ImageClassifier
  private let mostRequested = 2 * ComputeExecutor.shared.threadCount

  init() throws { classifier = try SmallModel().classifier() }

  @Test func answersAreThoseOfTheSynchronousForms() async throws {
    let pictures = try SmallModel.pictures(24)
    let expected = try pictures.map { (picture) in try classifier.classify(picture) }
    let answers = try await withThrowingTaskGroup(of: (Int, Classification).self) { group in
      for (index, picture) in pictures.enumerated() {
        group.addTask { (index, try await classifier.classify(picture)) }
      }
      return try await group.reduce(into: [Int: Classification]()) { $0[$1.0] = $1.1 }
    }
    #expect(pictures.indices.map { answers[$0] } == expected)
  }

  @Test func outcomesComeInTheOrderOfThePictures() async throws {
    let pictures = try SmallModel.pictures(100)
    var found: [Classification] = []
    for try await outcome in classifier.classify(Requested(pictures: pictures), top: 2) {
      #expect(outcome.picture == pictures[found.count])
      found.append(try outcome.result.get())
    }
    #expect(try found == pictures.map { (picture) in try classifier.classify(picture, top: 2) })
  }

  /// A picture that cannot be read has its own outcome, and the others have theirs.
  @Test func failuresDoNotStopTheOthers() async throws {
    let files = AsyncStream<FilePath> { files in
      let sample = TestData.packageFolder.appendingPathComponent("Examples/sample.png").path
      for path in ["/no/such/1.png", sample, "/no/such/2.png"] { files.yield(FilePath(path)) }
      files.finish()
    }
    var codes: [CNNError.Code?] = []
    for try await outcome in classifier.classify(files) {
      do throws(CNNError) {
        #expect(try outcome.result.get().count == 3)
        codes.append(nil)
      } catch {
        #expect(error.subject == outcome.picture.displayName)
        codes.append(error.code)
      }
    }
    #expect(codes == [.notFound, nil, .notFound])
  }

  /// An error of the sequence comes after the outcomes of all pictures before it.
  @Test func anErrorOfTheSequenceComesLast() async throws {
    let count = 3 * mostRequested
    let sequence = Requested(pictures: try SmallModel.pictures(count), error: Stop())
    var found = 0
    await #expect(throws: Stop.self) {
      for try await outcome in classifier.classify(sequence) {
        _ = try outcome.result.get()
        found += 1
      }
    }
    #expect(found == count)
  }

  /// A consumer that waits lets the sequence wait.
  @Test func noMoreArePulledThanTheBound() async throws {
    let sequence = Requested(pictures: try SmallModel.pictures(100))
    var outcomes = classifier.classify(sequence).makeAsyncIterator()
    for received in 0..<3 {
      let bound = mostRequested + received
      while sequence.state.requests.load(ordering: .sequentiallyConsistent) < bound {
        try await Task.sleep(for: .milliseconds(1))
      }
      try await Task.sleep(for: .milliseconds(20))
      #expect(sequence.state.requests.load(ordering: .sequentiallyConsistent) == bound)
      _ = try await outcomes.next()
    }
  }

  /// Leaving the loop ends the requests.
  @Test func leavingTheLoopStopsTheSequence() async throws {
    let sequence = Requested(pictures: try SmallModel.pictures(100))
    for try await _ in classifier.classify(sequence) { break }
    while !sequence.state.hasEnded.load(ordering: .sequentiallyConsistent) {
      try await Task.sleep(for: .milliseconds(1))
    }
    let requests = sequence.state.requests.load(ordering: .sequentiallyConsistent)
    #expect(requests <= mostRequested + 1)
  }

  @Test func cancelledTasksDoNotCompute() async throws {
    let picture = try SmallModel.pictures(1)[0]
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await classifier.classify(picture)
    }
    let error = await #expect(throws: CNNError.self) { try await task.value }
    #expect(error?.code == .cancelled)
  }
}
