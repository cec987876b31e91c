public import CNNSystem

extension NamedArray {
  /// The elements as Float32, little-endian, row-major.
  ///
  /// An array that lies so in its file is not copied: the bytes are the mapped ones, wherever they
  /// begin. Others are converted into memory of our own: half precision, bfloat16, integers and
  /// booleans exactly (integers beyond 2^24 and doubles to the nearest Float32, as NumPy does).
  ///
  /// A member of a zip archive is verified against its checksum here, on its first use and not when
  /// the file is opened, so that arrays which no network asks for cost nothing.
  ///
  /// - Parameter threads: how many may verify the checksum at once.
  /// - Throws: `corrupt` where the bytes contradict the checksum or the deflated size.
  public func floats(
    threads: Int = Workers.defaultCount
  ) throws(CNNError) -> Bytes {
    let elements = try elementBytes(threads: threads)
    guard !hasFloatLayout else { return elements }
    return Bytes(count: count * MemoryLayout<Float>.stride) { target in
      elements.withUnsafeBytes { source in
        ElementConversion(shape: shape, strides: order.strides(of: shape), byteOrder: byteOrder)
          .convert(source, elementType, to: target.bindMemory(to: Float.self))
      }
    }
  }

  /// The elements as they lie in the file, verified.
  func elementBytes(threads: Int) throws(CNNError) -> Bytes {
    do {
      return try storage.bytes(threads: threads)[range]
    } catch {
      var named = error
      named.location = .tensor(name.printable)
      named.subject = file ?? named.subject
      throw named
    }
  }

  /// The elements as Float32, like `floats(threads:)`, and none of them NaN or infinite.
  ///
  /// - Throws: `notFinite`, with the tensor and the indices of the first such element, and what
  ///   `floats(threads:)` throws.
  public func finiteFloats(
    threads: Int = Workers.defaultCount
  ) throws(CNNError) -> Bytes {
    let floats = try floats(threads: threads)
    guard let index = FiniteScan.firstNonFinite(in: floats, threads: threads) else { return floats }
    let value = floats.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: index * MemoryLayout<Float>.stride, as: Float.self)
    }
    throw failure(
      .notFinite, "element \(ArrayShape.indices(of: index, in: shape)) is not a finite number",
      found: "\(value)",
      remedy: "A network with such weights answers nonsense: fetch the file again or train anew")
  }

  /// The row-major index of the first element that is NaN or infinite, or nil.
  ///
  /// It reads the whole array, which `floats(threads:)` does not where it needs no copy.
  public func firstNonFinite(
    threads: Int = Workers.defaultCount
  ) throws(CNNError) -> Int? {
    FiniteScan.firstNonFinite(in: try floats(threads: threads), threads: threads)
  }
}
