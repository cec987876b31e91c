/// A message in the wire format of Protocol Buffers
/// (https://protobuf.dev/programming-guides/encoding), written field by field.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// An integer; a negative one is ten bytes long.
  mutating func add(_ field: UInt64, integer: Int) {
    addKey(field, .varint)
    addVarint(UInt64(bitPattern: Int64(integer)))
  }

  /// A `double`.
  mutating func add(_ field: UInt64, double: Double) {
    addKey(field, .fixed64)
    addLittleEndian(double.bitPattern)
  }

  /// A `float`.
  mutating func add(_ field: UInt64, float: Float) {
    addKey(field, .fixed32)
    addLittleEndian(float.bitPattern)
  }

  /// A `bytes`.
  mutating func add(_ field: UInt64, bytes content: [UInt8]) {
    addKey(field, .lengthDelimited)
    addVarint(UInt64(content.count))
    bytes += content
  }

  /// A `string`.
  mutating func add(_ field: UInt64, text: String) { add(field, bytes: Array(text.utf8)) }

  /// A message inside this one.
  mutating func add(_ field: UInt64, _ build: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    build(&message)
    add(field, bytes: message.bytes)
  }

  private mutating func addKey(_ field: UInt64, _ type: WireType) {
    addVarint(field << 3 | type.rawValue)
  }

  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func addLittleEndian(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
