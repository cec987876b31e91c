internal import CNNSystem

extension ByteReader {
  /// The next byte, which stays unread.
  func peek() throws(CNNError) -> UInt8 {
    var ahead = self
    return try ahead.readByte()
  }
}
