import CNNSystem
import Testing

@Suite struct ByteReaderTests {
  @Test func readsNumbersOfBothEndiannessesAtAnyAlignment() throws {
    var reader = ByteReader(Bytes(copying: [0x7F, 1, 2, 3, 4, 1, 2]), domain: .weights)
    #expect(try reader.readByte() == 0x7F)
    #expect(try reader.read(UInt32.self, .little) == 0x0403_0201)
    #expect(try reader.read(UInt16.self, .big) == 0x0102)
    #expect(reader.isAtEnd)
  }

  @Test func everyReadPastTheEndNamesItsOffset() throws {
    var reader = ByteReader(Bytes(copying: [1, 2, 3]), domain: .weights, origin: 100)
    try reader.skip(2)
    let error = #expect(throws: CNNError.self) { try reader.read(UInt32.self, .little) }
    #expect(error?.code == .truncated)
    #expect(error?.location == .byte(102))
    #expect(throws: CNNError.self) { try reader.skip(-1) }
    #expect(throws: CNNError.self) { try reader.seek(to: 4) }
    #expect(throws: CNNError.self) { try reader.readBytes(until: 0) }
    #expect(reader.position == 2)
  }
}
