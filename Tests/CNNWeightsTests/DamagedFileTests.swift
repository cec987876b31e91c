import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import Testing

/// Damage at random positions: never a crash, and for formats with a checksum never other elements.
///
/// A crash would end the test run. The seed is fixed, so a failure can be repeated.
@Suite struct DamagedFileTests {
  /// Whether a checksum guards the elements; in other files a flipped bit changes them silently.
  private static func hasChecksum(_ group: String, _ fixture: WeightsFixture) -> Bool {
    ["npz", "torch", "checkpoint"].contains(group) && fixture.format != "pytorch-legacy"
      && fixture.name != "zip-without-checksums"
  }

  @Test(arguments: WeightsFixture.groups)
  func flippedBits(_ group: String) throws {
    var generator = SplitMix64(seed: 42)
    var (refused, unchanged) = (0, 0)
    let fixtures = try WeightsFixture.all(group)
    for fixture in fixtures {
      let expected = Dictionary(uniqueKeysWithValues: fixture.arrays.map { ($0.name, $0.floats) })
      for _ in 0..<3000 / fixtures.count {
        var damaged = fixture.file
        let bit = Int.random(in: 0..<8 * damaged.count, using: &generator)
        damaged[bit / 8] ^= 1 << (bit % 8)
        guard let arrays = try read(damaged, fixture.options) else {
          refused += 1
          continue
        }
        unchanged += 1
        guard Self.hasChecksum(group, fixture) else { continue }
        for (name, floats) in arrays where expected[name] != floats {
          // A name in the archive may change, and then its array is missing under the old one.
          #expect(expected[name] == nil, "bit \(bit) of \(fixture.name) changed \(name)")
        }
      }
    }
    // Both must happen, or the loop has proved nothing.
    #expect(refused > 500)
    #expect(unchanged > 50)
  }

  @Test(arguments: WeightsFixture.groups)
  func truncation(_ group: String) throws {
    for fixture in try WeightsFixture.all(group) {
      // Python's end of a pickle, a header or a member can lie anywhere, so nearly every length.
      for count in stride(from: 0, to: fixture.file.count, by: fixture.file.count / 97 + 1) {
        let arrays = try read(fixture.file.prefix(count), fixture.options)
        #expect(arrays == nil, "\(fixture.name), cut to \(count) bytes, was accepted")
      }
    }
  }

  /// The values of all arrays, or nil where the file is refused. Other errors fail the test.
  private func read(
    _ file: Data, _ options: WeightsReadingOptions
  ) throws -> [String: Data]? {
    try withFile(file) { path in
      do {
        let arrays = try WeightsFile.read(path, options: options)
        return try Dictionary(uniqueKeysWithValues: arrays.map { ($0.name, try $0.floatData()) })
      } catch let error as CNNError {
        #expect(error.subject != nil)
        return nil
      }
    }
  }
}

/// A small generator with a seed (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
