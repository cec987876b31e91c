import CNNImage
import CNNSystem
import CNNTestSupport
import CNNTraining
import Foundation
import Testing

@testable import CNNRuns

@Suite struct EventFileTests {
  /// The examples of RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  @Test func checksumsArePublishedOnes() {
    #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.of([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.of(Array(0..<32)) == 0x46DD_794E)
    #expect(CRC32C.of(Array((0..<32).reversed())) == 0x113F_DB5C)
    #expect(CRC32C.of(Array("123456789".utf8)) == 0xE306_9283)
  }

  /// The examples of the encoding guide of Protocol Buffers, and numbers of every width.
  @Test func messagesAreEncoded() {
    var message = ProtobufMessage()
    message.add(1, integer: 150)
    message.add(2, text: "testing")
    message.add(3) { $0.add(1, integer: 150) }
    #expect(
      message.bytes == [0x08, 0x96, 0x01, 0x12, 0x07] + Array("testing".utf8)
        + [0x1A, 0x03, 0x08, 0x96, 0x01])
    message = ProtobufMessage()
    message.add(16, integer: -2)
    message.add(1, double: 1)
    message.add(2, float: -2)
    #expect(
      message.bytes == [0x80, 0x01, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01, 0x09]
        + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x15, 0, 0, 0, 0xC0])
  }

  /// The first record of a file that TensorFlow 2 wrote, but for the time.
  @Test func recordsHaveTwoChecksums() {
    let record = EventFile.record(Array("brain.Event:2".utf8))
    #expect(record.count == 8 + 4 + 13 + 4)
    #expect(record.prefix(8) == [13, 0, 0, 0, 0, 0, 0, 0])
    let mask: (UInt32) -> UInt32 = { ($0 >> 15 | $0 << 17) &+ 0xA282_EAD8 }
    let sums = [record[8..<12], record[25..<29]].map { bytes in
      bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    #expect(
      sums == [mask(CRC32C.of(Array(record[..<8]))), mask(CRC32C.of(Array(record[12..<25])))])
  }

  /// TensorBoard itself reads what is written: numbers, pictures, texts, and a run that was resumed.
  @Test func tensorBoardReadsThem() throws {
    let folder = try TemporaryFolder(keptAs: "events")
    let pixels = try Pixels(width: 5, height: 3, rgb: (0..<45).map { UInt8($0 * 5) })
    do {
      let events = try EventFile(in: folder.path)
      try events.add("settings", text: "| seed | 1 |", step: 0)
      try events.add("pictures/cat", png: pixels.png, width: 5, height: 3, step: 0)
      for step in 1...6 { try events.add("loss/train", 1 / Double(step), step: step) }
    }
    do {
      let events = try EventFile(in: folder.path, resumingAfter: 4)
      for step in 5...8 { try events.add("loss/train", 10 + Double(step), step: step) }
    }
    let expected = "loss/train=1:1,2:0.5,3:0.333333,4:0.25,5:15,6:16,7:17,8:18"
    try TensorBoard.check(
      folder.path, "--scalar", expected, "--image", "pictures/cat=5x3", "--text",
      "settings=| seed | 1 |")
  }
}
