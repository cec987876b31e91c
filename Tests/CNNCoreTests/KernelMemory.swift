import CNNCore
import CNNKernels
import CNNSystem
import Testing

/// Memory for tests that call kernels directly. What a kernel has not written is NaN, and elements in
/// front of and behind each array show writes outside of it.
final class KernelMemory {
  private static let guardCount = 64
  private static let guardValue = Float(bitPattern: 0x7fc0_1234)
  private var arrays: [UnsafeMutableBufferPointer<Float>] = []

  /// An array of `count` elements of NaN.
  func array(_ count: Int) -> UnsafeMutablePointer<Float> {
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: count + 2 * Self.guardCount)
    memory.initialize(repeating: Self.guardValue)
    arrays.append(memory)
    guard let start = memory.baseAddress else { preconditionFailure("the array has elements") }
    return start + Self.guardCount
  }

  /// An array of these elements.
  func array(_ elements: [Float]) -> UnsafeMutablePointer<Float> {
    let start = array(elements.count)
    start.update(from: elements, count: elements.count)
    return start
  }

  /// An array of `count` elements in double precision.
  func doubles(_ count: Int) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(array(2 * count)).bindMemory(to: Double.self, capacity: count)
  }

  /// Checks that nothing was written outside of the arrays, and frees them.
  func end(_ name: String) {
    let guardBits = Self.guardValue.bitPattern
    for array in arrays {
      let guards = array.prefix(Self.guardCount) + array.suffix(Self.guardCount)
      #expect(
        guards.allSatisfy { $0.bitPattern == guardBits }, "\(name) writes outside of an array")
      array.deallocate()
    }
    arrays = []
  }
}

/// Calls `body` for each unit on `threads` threads.
func forEachUnit(_ units: [cnn_unit], threads: Int = 2, _ body: (cnn_unit) -> Void) {
  nonisolated(unsafe) let units = units
  withoutActuallyEscaping(body) { body in
    nonisolated(unsafe) let body = body
    Workers.forEach(count: units.count, threads: threads) { body(units[$0]) }
  }
}

/// The units of `pictures` pictures with all of 0 ..< last and of 0 ..< blocks, cut into parts of up to
/// these sizes.
func units(
  pictures: Int = 1, last: Int = 0, by step: Int = .max, blocks: Int, by blockStep: Int = 1
) -> [cnn_unit] {
  func parts(_ count: Int, _ step: Int) -> [Range<Int>] {
    let step = min(step, max(1, count))
    return stride(from: 0, to: max(1, count), by: step).map { $0..<min(count, $0 + step) }
  }
  return (0..<pictures).flatMap { picture in
    parts(last, step).flatMap { range in
      parts(blocks, blockStep).map {
        cnn_unit(
          picture: picture, first: range.lowerBound, last: range.upperBound,
          first_block: $0.lowerBound, last_block: $0.upperBound, scratch: nil)
      }
    }
  }
}

// MARK: Maps in double precision

/// A batch of maps `[N, C, H, W]` in double precision.
struct ReferenceMap {
  let pictures: Int
  let channels: Int
  let height: Int
  let width: Int
  var values: [Double]

  var plane: Int { height * width }

  init(zeros shape: [Int]) {
    (pictures, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    values = [Double](repeating: 0, count: shape.reduce(1, *))
  }

  /// Uniform values in [-1, 1), which are 32-bit floats.
  init(random shape: [Int], stream: Int) {
    self.init(zeros: shape)
    values = reference(random: values.count, stream: stream)
  }

  func blocks(groups: Int = 1) -> Int { groups * blockCount(channels / groups) }
  /// Elements of a picture of the blocked map.
  func pictureStride(groups: Int = 1) -> Int { blocks(groups: groups) * plane * 16 }

  /// The index of a channel's first pixel in the blocked map, where each group of channels fills
  /// whole blocks.
  func start(picture: Int, channel: Int, groups: Int) -> Int {
    let slot = blockedChannel(channel, of: channels, groups: groups)
    return picture * pictureStride(groups: groups) + slot / 16 * plane * 16 + slot % 16
  }

  /// The blocked map, with zeros for the channels that do not exist.
  func blocked(groups: Int = 1) -> [Float] {
    var result = [Float](repeating: 0, count: pictures * pictureStride(groups: groups))
    for picture in 0..<pictures {
      for channel in 0..<channels {
        let start = start(picture: picture, channel: channel, groups: groups)
        for pixel in 0..<plane {
          result[start + pixel * 16] = Float(values[(picture * channels + channel) * plane + pixel])
        }
      }
    }
    return result
  }

  /// The values `[N, C, H, W]` of a blocked map of this size.
  func planar(_ blocked: UnsafePointer<Float>, groups: Int = 1) -> [Float] {
    (0..<pictures * channels).flatMap { index in
      let start = start(picture: index / channels, channel: index % channels, groups: groups)
      return (0..<plane).map { blocked[start + $0 * 16] }
    }
  }
}

/// Blocks of 16 channels.
func blockCount(_ channels: Int) -> Int { (channels + 15) / 16 }

/// The position of a channel where each of `groups` groups of channels fills whole blocks.
func blockedChannel(_ channel: Int, of channels: Int, groups: Int) -> Int {
  let perGroup = channels / groups
  return channel / perGroup * blockCount(perGroup) * 16 + channel % perGroup
}

/// `[channels]` filled up to blocks with zeros.
func blockedChannels(_ values: [Double], groups: Int = 1) -> [Float] {
  var result = [Float](repeating: 0, count: groups * blockCount(values.count / groups) * 16)
  for (channel, value) in values.enumerated() {
    result[blockedChannel(channel, of: values.count, groups: groups)] = Float(value)
  }
  return result
}

/// Uniform values in [-1, 1), which are 32-bit floats.
func reference(random count: Int, stream: Int) -> [Double] {
  let numbers = RandomNumbers(seed: 11, stream: stream)
  return (0..<count).map { Double(numbers.bits($0) >> 40) * 0x1p-23 - 1 }
}

/// Expects |actual - expected| <= tolerance for each element; NaN, which no kernel may leave, fails.
func expectWithin(
  _ actual: [Float], _ expected: [Double], _ tolerance: (Int) -> Double, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "\(name)", sourceLocation: sourceLocation)
  let failures = zip(actual, expected).enumerated().filter { index, pair in
    !(abs(Double(pair.0) - pair.1) <= tolerance(index))
  }
  guard let (index, pair) = failures.first else { return }
  Issue.record(
    """
    \(name): \(failures.count) of \(actual.count) elements differ, the first at \(index): \(pair.0), \
    expected \(pair.1) within \(tolerance(index))
    """, sourceLocation: sourceLocation)
}
