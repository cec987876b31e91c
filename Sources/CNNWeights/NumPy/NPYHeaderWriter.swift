/// Writes headers of `.npy` arrays in version 1.0 of the format.
enum NPYHeaderWriter {
  private static let alignment = 64

  /// The header of an array of `shape` in row-major order, padded to a multiple of 64 bytes.
  ///
  /// - Parameters:
  ///   - type: NumPy's type string, such as `<f4`.
  ///   - minimumSize: a multiple of 64 to which the header is padded at least.
  static func header(type: String, shape: [Int], minimumSize: Int = 0) -> [UInt8] {
    let sizes = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let literal = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let prefixCount = NPYHeader.magic.count + 4
    let unpadded = prefixCount + literal.utf8.count + 1
    let size = max(minimumSize, (unpadded + alignment - 1) / alignment * alignment)
    let padding = size - unpadded
    var fields = LittleEndianFields(bytes: NPYHeader.magic + [1, 0])
    fields.append(UInt16(literal.utf8.count + padding + 1))
    fields.bytes += literal.utf8
    fields.bytes += [UInt8](repeating: UInt8(ascii: " "), count: padding)
    fields.bytes.append(UInt8(ascii: "\n"))
    return fields.bytes
  }
}
