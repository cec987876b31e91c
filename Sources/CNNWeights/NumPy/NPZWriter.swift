public import CNNCore
public import CNNSystem
public import SystemPackage

/// Writes a `.npz` file that `numpy.load` reads, array by array and row by row, so that the features
/// of any number of pictures need only the memory of one batch.
///
///     var writer = try NPZWriter("features.npz")
///     try writer.begin("features", rowShape: [4096], maximumRows: 25_000)
///     for batch in batches { try writer.append(batch) }
///     try writer.end()
///     try writer.write("names", names)
///     try writer.finish()
///
/// The file appears under its name with `finish()`, whole; until then there is only a temporary one,
/// which is removed with this value.
public struct NPZWriter: ~Copyable {
  private var archive: ZipWriter
  private var openArray: (rowShape: [Int], header: [UInt8], written: Int)?
  private var names: Set<String> = []

  /// Begins a file. Throws `cannotWrite`.
  public init(_ path: FilePath) throws(CNNError) { archive = try ZipWriter(path) }

  /// The same, with zip64 fields from `limit32` on instead of 4 GiB: for tests.
  package init(_ path: FilePath, limit32: Int) throws(CNNError) {
    archive = try ZipWriter(path, limit32: limit32)
  }

  /// Writes a whole array of Float32. Precondition: no other array has this name.
  ///
  /// - Throws: `cannotWrite`.
  public mutating func write(_ name: String, _ tensor: Tensor) throws(CNNError) {
    try write(name, type: "<f4", shape: tensor.shape, elements: tensor.bytes)
  }

  /// Writes a list of texts as an array of NumPy's type `<U`, in which each text has as many UTF-32
  /// code units as the longest; like any reader of that type, NumPy drops zero characters at the
  /// end. Precondition: no other array has this name.
  ///
  /// - Throws: `cannotWrite`.
  public mutating func write(_ name: String, _ texts: [String]) throws(CNNError) {
    // NumPy has no texts of width zero.
    let width = max(1, texts.map(\.unicodeScalars.count).max() ?? 1)
    var fields = LittleEndianFields()
    for text in texts {
      for scalar in text.unicodeScalars { fields.append(scalar.value) }
      fields.bytes += [UInt8](repeating: 0, count: 4 * (width - text.unicodeScalars.count))
    }
    try write(
      name, type: "<U\(width)", shape: [texts.count], elements: Bytes(copying: fields.bytes))
  }

  /// Begins an array of Float32 `[rows] + rowShape` whose rows are appended one batch after the
  /// other; how many came is written when it ends. Precondition: no other array has this name, and
  /// none is open.
  ///
  /// - Parameters:
  ///   - name: the array's name.
  ///   - rowShape: the shape of one row.
  ///   - maximumRows: more will not come.
  /// - Throws: `cannotWrite`.
  public mutating func begin(
    _ name: String, rowShape: [Int], maximumRows: Int
  ) throws(CNNError) {
    precondition(openArray == nil, "an array is still open")
    let shape = [maximumRows] + rowShape
    let header = NPYHeader.encoded(type: "<f4", shape: shape)
    let size = header.count + Tensor.elementCount(of: shape) * MemoryLayout<Float>.stride
    try archive.beginMember(member(name), size: size, checksum: nil)
    try append(Bytes(copying: header))
    openArray = (rowShape, header, 0)
  }

  /// Appends `rows`, `[n] + rowShape`, to the open array. Precondition: it does not grow beyond
  /// `maximumRows`.
  ///
  /// - Throws: `cannotWrite`.
  public mutating func append(_ rows: Tensor) throws(CNNError) {
    guard let (rowShape, header, written) = openArray else { preconditionFailure("none is open") }
    precondition(Array(rows.shape.dropFirst()) == rowShape, "rows of another shape")
    try append(rows.bytes)
    openArray = (rowShape, header, written + rows.shape[0])
  }

  /// Ends the open array with the rows that came.
  ///
  /// - Throws: `cannotWrite`.
  public mutating func end() throws(CNNError) {
    guard let (rowShape, header, written) = openArray else { preconditionFailure("none is open") }
    let final = NPYHeader.encoded(
      type: "<f4", shape: [written] + rowShape, minimumSize: header.count)
    if final != header { try archive.replacePrefix(header, by: final) }
    try archive.endMember()
    openArray = nil
  }

  /// Gives the file its name, durably. Throws `cannotWrite`; then an old file of that name is still there.
  public mutating func finish() throws(CNNError) { try archive.finish() }

  private mutating func write(
    _ name: String, type: String, shape: [Int], elements: Bytes
  ) throws(CNNError) {
    let header = Bytes(copying: NPYHeader.encoded(type: type, shape: shape))
    // The checksum comes before the data where it is known, for readers that go front to back.
    let checksum = elements.withUnsafeBytes { Checksum.update(header.checksum, with: $0) }
    try archive.beginMember(
      member(name), size: header.count + elements.count, checksum: checksum)
    try append(header)
    try append(elements)
    try archive.endMember()
  }

  private mutating func append(_ bytes: Bytes) throws(CNNError) {
    try bytes.withUnsafeBytes { (buffer) throws(CNNError) in try archive.append(buffer) }
  }

  private mutating func member(_ name: String) -> String {
    precondition(names.insert(name).inserted, "two arrays are called \(name)")
    return name + NumPyFile.memberSuffix
  }
}

extension Bytes {
  fileprivate var checksum: UInt32 { withUnsafeBytes { Checksum.update(0, with: $0) } }
}
