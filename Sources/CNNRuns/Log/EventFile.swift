internal import CNNPlatform
internal import CNNSystem
internal import SystemPackage

/// An event file, which TensorBoard shows: figures, pictures and texts over the steps of a run.
///
/// The format is TensorFlow's: records with a length and two checksums
/// (`tensorflow/core/lib/io/record_writer.h`) of `Event` messages (`event.proto`, `summary.proto`).
/// A run that is resumed begins another file in the same folder. A marker in it makes TensorBoard drop
/// what older files hold for later steps.
struct EventFile: ~Copyable {
  private let file: AppendedFile

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - folder: the folder that TensorBoard reads; it exists.
  ///   - lastStep: the step of the checkpoint from which a run is resumed; nil for a new run.
  /// - Throws: `cannotWrite`.
  init(in folder: FilePath, resumingAfter lastStep: Int? = nil) throws(CNNError) {
    let file = try AppendedFile(folder.appending(Self.unusedName(in: folder)))
    try file.append(Self.record(step: 0) { $0.add(3, text: "brain.Event:2") })
    if let lastStep {
      // SessionLog START: events of this step and later ones in older files are void.
      let start = Self.record(step: lastStep + 1) { event in
        event.add(7) { $0.add(1, integer: 1) }
      }
      try file.append(start)
    }
    self.file = file
  }

  /// A figure at a step, such as `loss/train`.
  func add(_ tag: String, _ number: Double, step: Int) throws(CNNError) {
    try writeSummary(tag, step: step) { $0.add(2, float: Float(number)) }
  }

  /// A picture at a step.
  ///
  /// - Parameter png: the encoded picture; TensorBoard shows JPEG too.
  func add(
    _ tag: String, png: [UInt8], width: Int, height: Int, step: Int
  ) throws(CNNError) {
    try writeSummary(tag, step: step) { value in
      value.add(4) { image in
        image.add(1, integer: height)
        image.add(2, integer: width)
        image.add(3, integer: 3)
        image.add(4, bytes: png)
      }
    }
  }

  /// A text at a step, in Markdown.
  func add(_ tag: String, text: String, step: Int) throws(CNNError) {
    try writeSummary(tag, step: step) { value in
      value.add(9) { metadata in
        metadata.add(1) { $0.add(1, text: "text") }
      }
      value.add(8) { tensor in
        // DT_STRING, of shape [1].
        tensor.add(1, integer: 7)
        tensor.add(2) { shape in
          shape.add(2) { $0.add(1, integer: 1) }
        }
        tensor.add(8, text: text)
      }
    }
  }

  private func writeSummary(
    _ tag: String, step: Int, _ build: (inout ProtobufMessage) -> Void
  ) throws(CNNError) {
    let event = Self.record(step: step) { event in
      event.add(5) { summary in
        summary.add(1) { value in
          value.add(1, text: tag)
          build(&value)
        }
      }
    }
    try file.append(event)
  }

  private static func record(
    step: Int, _ build: (inout ProtobufMessage) -> Void
  ) -> [UInt8] {
    var event = ProtobufMessage()
    event.add(1, double: now)
    event.add(2, integer: step)
    build(&event)
    return record(event.bytes)
  }

  /// The length and its checksum, the bytes and theirs.
  static func record(_ bytes: [UInt8]) -> [UInt8] {
    func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    let length = littleEndian(UInt64(bytes.count))
    return length + littleEndian(CRC32C.masked(length)) + bytes
      + littleEndian(CRC32C.masked(bytes))
  }

  /// How the names of event files begin, here and everywhere.
  static let namePrefix = "events.out.tfevents."

  /// `events.out.tfevents.TIME.HOST.PROCESS.NUMBER`: TensorBoard reads the files of a folder in
  /// the order of their names, so the time comes first and has a fixed width.
  private static func unusedName(in folder: FilePath) -> String {
    var host = [CChar](repeating: 0, count: 256)
    _ = gethostname(&host, host.count - 1)
    let name = String(
      decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let letters = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    let seconds = String(Int(now))
    let time = String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds
    let start = Self.namePrefix + "\(time).\(letters.isEmpty ? "host" : letters).\(getpid())"
    var number = 0
    while (try? InputFile(folder.appending("\(start).\(number)"), domain: .output)) != nil {
      number += 1
    }
    return "\(start).\(number)"
  }

  /// Seconds since 1970.
  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The checksum of TensorFlow's record files: CRC-32 with Castagnoli's polynomial (RFC 3720,
/// appendix B.4).
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  /// The checksum of `bytes`.
  static func of(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { value, byte in
      value >> 8 ^ table[Int((value ^ UInt32(byte)) & 0xFF)]
    }
  }

  /// The checksum as record files store it: rotated and moved, so that a checksum of bytes that
  /// hold checksums is still a good one.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let sum = of(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}
