import CNNImage
import CNNSystem
import Foundation

// Decodes damaged pictures: FuzzPictures FOLDER FILES SEED [EXTENSION ...]
//
// FOLDER has small sound pictures. For each extension, FILES damaged files are made of them and
// decoded; a crash, which the sanitizers cause for any access outside of memory, ends the program
// after it has named the format, the number of the file and the seed, which make the file again.

let arguments = CommandLine.arguments
guard arguments.count >= 4, let count = Int(arguments[2]), let seed = UInt64(arguments[3]) else {
  print("usage: FuzzPictures FOLDER FILES SEED [EXTENSION ...]")
  exit(2)
}
let folder = URL(fileURLWithPath: arguments[1])
let suffixes = arguments.count > 4 ? Array(arguments[4...]) : ["webp", "gif", "bmp", "jpg", "png"]

/// SplitMix64: the same numbers on every machine.
struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}

extension [UInt8] {
  /// The file with one to eight damages: cut, flipped bits, extreme values, and parts that are
  /// removed, repeated, or taken from another file.
  func damaged(_ generator: inout Generator, _ others: [[UInt8]]) -> [UInt8] {
    var bytes = self
    for _ in 0..<Int.random(in: 1...8, using: &generator) where bytes.count > 1 {
      let position = Int.random(in: 0..<bytes.count, using: &generator)
      let end = Swift.min(bytes.count, position + .random(in: 1...32, using: &generator))
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes.removeLast(bytes.count - position)
      case 1, 2, 3: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 4: bytes[position] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &generator)!
      case 5: bytes.removeSubrange(position..<end)
      case 6: bytes.insert(contentsOf: bytes[position..<end], at: position)
      default:
        let other = others.randomElement(using: &generator)!
        let start = Swift.min(position, other.count - 1)
        bytes.replaceSubrange(
          position..<end, with: other[start..<Swift.min(other.count, start + end - position)])
      }
    }
    return bytes
  }
}

func run(_ suffix: String) throws {
  let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    .filter { $0.hasSuffix("." + suffix) }.sorted()
  let sound = try names.map { [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))) }
  guard !sound.isEmpty else {
    print("\(suffix): no pictures in \(folder.path)")
    exit(2)
  }
  var (decoded, warned) = (0, 0)
  var refused: [String: Int] = [:]
  var slowest = Duration.zero
  for number in 0..<count {
    var generator = Generator(state: seed &+ UInt64(number) &* 0x2545_F491_4F6C_DD1D)
    let bytes = sound[number % sound.count].damaged(&generator, sound)
    let options = DecodingOptions(
      background: .random(using: &generator) ? .white : nil, maximumPixels: 1_000_000,
      allowsTruncated: .random(using: &generator),
      scaledSide: .random(using: &generator) ? .random(in: 1...20, using: &generator) : nil)
    if number % 1000 == 0 {
      FileHandle.standardError.write(Data("\(suffix) \(number) of \(count), seed \(seed)\r".utf8))
    }
    slowest = max(
      slowest,
      ContinuousClock().measure {
        do throws(CNNError) {
          let picture = try PictureDecoder(options: options).decode(encoded: bytes)
          precondition(
            picture.pixels.bytes.count == 3 * picture.pixels.width * picture.pixels.height)
          decoded += 1
          if !picture.warnings.isEmpty { warned += 1 }
        } catch {
          refused[error.code.rawValue, default: 0] += 1
        }
      })
  }
  let reasons = refused.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
  print(
    "\(suffix): \(count) damaged files, \(decoded) decoded (\(warned) with a warning), refused: "
      + reasons.joined(separator: ", ") + "; slowest \(slowest)")
}

for suffix in suffixes { try run(suffix) }
