public import CNNCore
public import CNNImage
public import CNNSystem
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// The asynchronous forms: the work is done by the threads of `ComputeExecutor.shared`, at most one
/// picture for each processor at once, and the calling task waits without holding a thread. A task
/// that is cancelled before its work has begun gets the error `cancelled`.
extension ImageClassifier {
  /// The most probable classes of a picture file, best first, computed beside the cooperative pool.
  ///
  /// - Parameters:
  ///   - path: a picture file of a format that `PictureFormat` names.
  ///   - count: how many classes; all where there are fewer, none below 1.
  /// - Throws: a `picture` error that names the file and its fault; `cancelled`.
  public func classify(
    _ path: FilePath, top count: Int = 5
  ) async throws(CNNError) -> Classification {
    try await ComputeExecutor.shared.run { () throws(CNNError) in
      try classify(path, top: count)
    }
  }

  /// The same of a file URL.
  public func classify(_ url: URL, top count: Int = 5) async throws(CNNError) -> Classification {
    try await classify(FilePath(fileURL: url), top: count)
  }

  /// The most probable classes of an encoded picture, such as the body of a request, computed beside
  /// the cooperative pool.
  ///
  /// - Parameters:
  ///   - encoded: the bytes of a picture file.
  ///   - count: how many classes; all where there are fewer, none below 1.
  /// - Throws: a `picture` error that names the fault; `cancelled`.
  public func classify(
    encoded: some Collection<UInt8> & Sendable, top count: Int = 5
  ) async throws(CNNError) -> Classification {
    try await ComputeExecutor.shared.run { () throws(CNNError) in
      try classify(encoded: encoded, top: count)
    }
  }

  /// The most probable classes of a picture in memory, computed beside the cooperative pool.
  ///
  /// - Throws: `answerNotFinite` where the network's answer is NaN or infinite; `cancelled`.
  public func classify(
    _ pixels: Pixels, top count: Int = 5
  ) async throws(CNNError) -> Classification {
    try await ComputeExecutor.shared.run { () throws(CNNError) in
      try classify(pixels, top: count)
    }
  }

  /// The most probable classes of each picture of an input tensor, computed beside the cooperative
  /// pool.
  ///
  /// - Parameters:
  ///   - batch: `[N, C, H, W]`, preprocessed.
  ///   - count: how many classes for each; all where there are fewer, none below 1.
  /// - Returns: N lists, best first.
  /// - Throws: `mismatch`, `answerNotFinite`, `cancelled`.
  public func classify(
    batch: Tensor, top count: Int = 5
  ) async throws(CNNError) -> [[Prediction]] {
    try await ComputeExecutor.shared.run { () throws(CNNError) in
      try classify(batch: batch, top: count)
    }
  }

  // MARK: Sequences

  /// The most probable classes of each file of an asynchronous sequence, in its order.
  ///
  /// - Parameters:
  ///   - paths: picture files.
  ///   - count: how many classes for each; all where there are fewer, none below 1.
  /// - Returns: an outcome for each picture; one that cannot be read does not stop the others.
  public func classify<Pictures: AsyncSequence & Sendable>(
    _ paths: Pictures, top count: Int = 5
  ) -> ClassificationSequence<Pictures> where Pictures.Element == FilePath {
    ClassificationSequence(paths) { (path) throws(CNNError) in try classify(path, top: count) }
  }

  /// The same for file URLs.
  public func classify<Pictures: AsyncSequence & Sendable>(
    _ urls: Pictures, top count: Int = 5
  ) -> ClassificationSequence<Pictures> where Pictures.Element == URL {
    ClassificationSequence(urls) { (url) throws(CNNError) in try classify(url, top: count) }
  }

  /// The same for the bytes of picture files.
  public func classify<Pictures: AsyncSequence & Sendable>(
    encoded pictures: Pictures, top count: Int = 5
  ) -> ClassificationSequence<Pictures> where Pictures.Element: Collection<UInt8> & Sendable {
    ClassificationSequence(pictures) { (bytes) throws(CNNError) in
      try classify(encoded: bytes, top: count)
    }
  }

  /// The same for pictures in memory.
  public func classify<Pictures: AsyncSequence & Sendable>(
    _ pictures: Pictures, top count: Int = 5
  ) -> ClassificationSequence<Pictures> where Pictures.Element == Pixels {
    ClassificationSequence(pictures) { (pixels) throws(CNNError) in
      try classify(pixels, top: count)
    }
  }
}
