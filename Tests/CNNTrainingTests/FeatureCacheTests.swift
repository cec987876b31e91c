import CNNCore
import CNNImage
import CNNKit
import CNNSystem
import CNNTestSupport
import CNNTraining
import Foundation
import SystemPackage
import Testing

/// Features from the cache are those of the network, whatever happened to the cache.
@Suite struct FeatureCacheTests {
  let folder: TemporaryFolder
  let cache: FeatureCache
  let network: Network
  let plan: InferencePlan
  let key: FeatureKey
  let pictures: [LabelledPicture]

  init() throws {
    folder = try TemporaryFolder()
    cache = FeatureCache(folder: folder.path)
    network = try LeNet5.network().truncated(after: "pool2")
    let parameters = SyntheticNumbers.parameters(of: network)
    plan = InferencePlan(network: network, parameters: parameters)
    key = FeatureKey(
      of: plan, parameters: parameters.fingerprint(for: network),
      preprocessing: .mnist)
    pictures = try (0..<20).map { index in
      let gray = (0..<784).map { UInt8(truncatingIfNeeded: $0 &* (index + 3)) }
      return LabelledPicture(
        .pixels(try Pixels(width: 28, height: 28, gray: gray), name: "\(index)"),
        classIndex: index % 10)
    }
  }

  private func extraction(_ key: FeatureKey? = nil) -> FeatureExtraction {
    FeatureExtraction(plan: plan, key: key ?? self.key, batchSize: 3)
  }

  private func expected(_ index: Int) throws -> Tensor {
    plan.run(Preprocessing.mnist.apply(to: try pictures[index].source.decode().pixels))
  }

  private func expectAllEqual(_ features: FeatureSet) throws {
    for index in pictures.indices {
      let found = try features.batch([(index, 0)])
      #expect(found == (try expected(index)), "picture \(index)")
    }
  }

  @Test func theyAreTheNetworksBitsAndComputedOnce() throws {
    try expectAllEqual(try extraction().run(pictures, cache: cache))
    var cached: [Int] = []
    let again = try extraction().run(pictures, cache: cache) { cached.append($0.cached) }
    #expect(cached == [20])
    try expectAllEqual(again)
    #expect(try again.batch([(3, 0), (1, 0)]).rows[1] == expected(1))
  }

  /// A pass that is stopped half way goes on where it was.
  @Test func anInterruptedPassGoesOn() throws {
    struct Stop: Error {}
    #expect(throws: CNNError.self) {
      try extraction().run(pictures, cache: cache) { (progress) throws(CNNError) in
        if progress.done > 10 { throw CNNError(.usage, .unknown, "stop") }
      }
    }
    var first: FeatureProgress?
    let features = try extraction().run(pictures, cache: cache) { first = first ?? $0 }
    #expect(first?.cached == 12)
    try expectAllEqual(features)
  }

  /// Torn and flipped records are computed again and never trusted.
  @Test(arguments: [0, 1, 2, 3, 4])
  func damageIsRepaired(_ kind: Int) throws {
    _ = try extraction().run(pictures, cache: cache)
    let path = try #require(cache.entries().first?.path.string)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let record = 64 + (256 * 4 + 63) / 64 * 64
    let start = bytes.count - 20 * record
    switch kind {
    case 0: bytes.removeLast(100)
    case 1: bytes[start + 64 + 5 * record] ^= 1
    case 2: bytes[start + 3] ^= 1
    case 3:
      bytes.replaceSubrange(
        (bytes.count - record)..<(bytes.count - record + 64), with: [UInt8](repeating: 0, count: 64)
      )
    default: bytes.removeLast(bytes.count - 10)
    }
    try bytes.write(to: URL(fileURLWithPath: path))
    var last: FeatureProgress?
    let features = try extraction().run(pictures, cache: cache) { last = $0 }
    #expect(last?.cached == (kind == 4 ? 0 : 19))
    try expectAllEqual(features)
  }

  @Test func otherKeysHaveOtherFiles() throws {
    let other = FeatureKey(
      of: plan, parameters: "other", preprocessing: .mnist)
    _ = try extraction().run(pictures, cache: cache)
    _ = try extraction(other).run(pictures, cache: cache)
    #expect(cache.entries().count == 2)
    #expect(try cache.clear().count == 2)
    #expect(cache.entries().isEmpty)
  }

  /// Everything that decides a bit is in the key, and a limit, which decides none, is not.
  @Test func theKeyHoldsWhatDecidesTheFeatures() throws {
    let parameters = SyntheticNumbers.parameters(of: network)
    func digest(_ kernels: KernelSet, _ decoding: DecodingOptions) -> String {
      FeatureKey(
        of: InferencePlan(
          network: network, parameters: parameters, options: InferenceOptions(kernels: kernels)),
        parameters: key.parameters, decoding: decoding, preprocessing: .mnist
      ).digest
    }
    let decodings = [
      DecodingOptions(), DecodingOptions(allowsTruncated: true), DecodingOptions(background: nil),
    ]
    let levels: [KernelSet] = [.blas, .generic]
    let digests = levels.flatMap { level in decodings.map { digest(level, $0) } }
    #expect(Set(digests).count == 6)
    #expect(digest(.blas, DecodingOptions(maximumPixels: 1)) == digests[0])
  }

  /// The limit holds: what was not used for longest goes.
  @Test func theCacheDoesNotGrowBeyondItsLimit() throws {
    let small = FeatureCache(folder: cache.folder, limit: 30_000)
    _ = try extraction().run(pictures, cache: small)
    let other = FeatureKey(of: plan, parameters: "other", preprocessing: .mnist)
    _ = try extraction(other).run(pictures, cache: small)
    #expect(small.entries().map { $0.path.stem } == [other.digest])
    // What is there already needs no room.
    let both = FeatureCache(folder: cache.folder, limit: 60_000)
    _ = try extraction().run(pictures, cache: both)
    _ = try extraction(other).run(pictures, cache: both)
    #expect(both.entries().count == 2)
  }

  @Test func halfPrecisionIsWithinItsRounding() throws {
    let half = FeatureKey(
      of: plan, parameters: key.parameters, preprocessing: .mnist,
      storage: .float16)
    let features = try extraction(half).run(pictures, cache: cache)
    for index in pictures.indices {
      // Ten bits behind the leading one, rounded to nearest.
      expectClose(
        try features.batch([(index, 0)]), try expected(index), absolute: 1e-7, relative: 0x1p-11)
    }
  }
}
