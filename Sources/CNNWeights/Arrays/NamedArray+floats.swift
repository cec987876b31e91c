public import CNNSystem

extension NamedArray {
  /// The elements as Float32, little-endian, row-major.
  ///
  /// Where the file holds the elements in just this form, they are not copied: the result is a part
  /// of the mapped file and may begin at any address. Other forms are converted into new memory:
  /// half precision, bfloat16, integers and booleans exactly (integers beyond 2^24 and doubles to the
  /// nearest Float32, as NumPy does).
  ///
  /// A member of a zip archive is verified against its checksum here, not when the file is opened,
  /// so that arrays which no network needs cost nothing.
  ///
  /// - Parameter threads: how many threads verify the checksum.
  /// - Throws: `corrupt` where the bytes contradict the checksum or the deflated size.
  public func floats(
    threads: Int = Workers.defaultCount
  ) throws(CNNError) -> Bytes {
    let elements = try elementBytes(threads: threads)
    return hasFloatLayout ? elements : converted(elements)
  }

  private func converted(_ elements: Bytes) -> Bytes {
    Bytes(count: count * MemoryLayout<Float>.stride) { target in
      elements.withUnsafeBytes { source in
        ElementConversion(shape: shape, strides: order.strides(of: shape), byteOrder: byteOrder)
          .convert(source, elementType, to: target.bindMemory(to: Float.self))
      }
    }
  }

  /// The elements as the file holds them, verified.
  func elementBytes(threads: Int) throws(CNNError) -> Bytes {
    try named { () throws(CNNError) in try storage.bytes(threads: threads)[range] }
  }

  /// Calls `body`; an error that it throws names this array.
  private func named<Result>(_ body: () throws(CNNError) -> Result) throws(CNNError) -> Result {
    do {
      return try body()
    } catch {
      var named = error
      named.location = .tensor(name.printable)
      named.subject = file ?? named.subject
      throw named
    }
  }

  /// `floats(threads:)`, and the row-major index of the first element that is NaN or infinite.
  private func scannedFloats(
    threads: Int
  ) throws(CNNError) -> (floats: Bytes, nonFinite: Int?) {
    guard hasFloatLayout else {
      let floats = try floats(threads: threads)
      let scan = ContentScan(sumsChecksum: false, elements: 0..<floats.count)
      return (floats, scan.run(floats, threads: threads).nonFinite)
    }
    let (bytes, nonFinite) = try named { () throws(CNNError) in
      try storage.bytes(threads: threads, scanning: range)
    }
    return (bytes[range], nonFinite)
  }

  /// The elements as Float32, like `floats(threads:)`, after a check that none is NaN or infinite.
  ///
  /// - Throws: `notFinite`, with the tensor and the indices of the first such element, and what
  ///   `floats(threads:)` throws.
  public func finiteFloats(
    threads: Int = Workers.defaultCount
  ) throws(CNNError) -> Bytes {
    let (floats, nonFinite) = try scannedFloats(threads: threads)
    guard let index = nonFinite else { return floats }
    let value = floats.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: index * MemoryLayout<Float>.stride, as: Float.self)
    }
    throw failure(
      .notFinite, "element \(ArrayShape.indices(of: index, in: shape)) is not a finite number",
      found: "\(value)",
      remedy: CNNError.Remedy(
        "A network with such weights answers nonsense: fetch the file again or train anew",
        action: .allowNonFinite))
  }

  /// The row-major index of the first element that is NaN or infinite, or nil.
  ///
  /// It reads the whole array; `floats(threads:)` reads nothing where it needs no copy.
  package func firstNonFinite(
    threads: Int = Workers.defaultCount
  ) throws(CNNError) -> Int? {
    try scannedFloats(threads: threads).nonFinite
  }
}
