internal import CNNSystem

/// The outcomes of classifying the pictures of an asynchronous sequence, in its order.
///
///     for try await outcome in classifier.classify(uploads, top: 1) {
///       print(outcome.picture, try outcome.result.get()[0].label.name)
///     }
///
/// Pictures are classified on the threads of `ComputeExecutor.shared`. At most twice as many as it
/// has threads are requested from the sequence before their outcomes have been received, so a slow
/// consumer slows the producer down. The loop throws what the sequence throws. Leaving the loop, or
/// cancelling its task, cancels the classifications that have not begun.
public struct ClassificationSequence<Pictures: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Pictures.Element: Sendable {
  /// What became of one picture.
  public typealias Element = ImageClassifier.Outcome<Pictures.Element>
  typealias Classify = @Sendable (Pictures.Element) throws(CNNError) -> Classification

  private let pictures: Pictures
  private let classify: Classify

  init(_ pictures: Pictures, _ classify: @escaping Classify) {
    self.pictures = pictures
    self.classify = classify
  }

  /// Begins to classify.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pictures, classify) }

  /// Receives the outcomes in order.
  public struct AsyncIterator: AsyncIteratorProtocol {
    /// A stream of one outcome, which is there when the picture has been classified.
    private typealias Promise = AsyncStream<Element>

    private var promises: AsyncThrowingStream<Promise, any Error>.Iterator
    /// One element for each picture that may be requested.
    private let slots: AsyncStream<Void>.Continuation

    fileprivate init(_ pictures: Pictures, _ classify: @escaping Classify) {
      let (freeSlots, slots) = AsyncStream<Void>.makeStream()
      // Twice the number of threads: while all of them work, as many pictures wait for them.
      for _ in 0..<(2 * ComputeExecutor.shared.threadCount) { slots.yield() }
      let (stream, promises) = AsyncThrowingStream<Promise, any Error>.makeStream()
      let producer = Task {
        do {
          try await Self.produce(pictures, classify, freeSlots, promises)
          promises.finish()
        } catch {
          promises.finish(throwing: error)
        }
      }
      promises.onTermination = { _ in producer.cancel() }
      self.promises = stream.makeAsyncIterator()
      self.slots = slots
    }

    /// Requests pictures while there are free slots, and starts to classify each.
    private static func produce(
      _ pictures: Pictures, _ classify: @escaping Classify, _ freeSlots: AsyncStream<Void>,
      _ promises: AsyncThrowingStream<Promise, any Error>.Continuation
    ) async throws {
      let failure: (any Error)? = await withDiscardingTaskGroup { group in
        var freeSlots = freeSlots.makeAsyncIterator()
        var pictures = pictures.makeAsyncIterator()
        do {
          while await freeSlots.next() != nil, let picture = try await pictures.next() {
            let (promise, outcome) = Promise.makeStream()
            promises.yield(promise)
            group.addTask {
              outcome.yield(await Self.outcome(of: picture, classify))
              outcome.finish()
            }
          }
          return nil
        } catch {
          // Throwing it here would cancel the classification of the pictures before.
          return error
        }
      }
      if let failure { throw failure }
    }

    private static func outcome(of picture: Pictures.Element, _ classify: Classify) async -> Element
    {
      do {
        let classification = try await ComputeExecutor.shared.run { () throws(CNNError) in
          try classify(picture)
        }
        return Element(picture: picture, result: .success(classification))
      } catch {
        return Element(picture: picture, result: .failure(error))
      }
    }

    /// The outcome of the next picture; nil after the last one, or when the task was cancelled.
    public mutating func next() async throws -> Element? {
      guard let promise = try await promises.next() else { return nil }
      defer { slots.yield() }
      for await outcome in promise { return outcome }
      return nil
    }
  }
}
