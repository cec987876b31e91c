public import CNNSystem
public import SystemPackage

/// Weights files of all supported formats.
public enum WeightsFile {
  /// PyTorch puts it before all names of a model that was trained on several GPUs, and whoever
  /// converts such a file to another format carries it along.
  private static let dataParallelPrefix = "module."

  /// Opens a file and reads what is in it: names, types, shapes, and where the numbers lie. The
  /// numbers themselves stay untouched until somebody asks for them.
  ///
  /// The format is taken from the contents and not from the name. The file stays mapped as long as
  /// any array of it lives; nobody may shorten it in that time.
  ///
  /// - Parameters:
  ///   - path: a `.npy`, `.npz`, `.safetensors`, `.pth`, `.pt` or `.th` file.
  ///   - options: what to check and how much to accept.
  /// - Returns: the arrays in the order of the file. A `module.` before all names is taken
  ///   away.
  /// - Throws: `notFound`, `unreadable`, `empty`; `unsupported` for other kinds of file, with what
  ///   it is and what to do; `corrupt`, `truncated`, `tooLarge`; `unsafe` for a pickle that names
  ///   anything but arrays. Every error names the file.
  public static func read(
    _ path: FilePath, options: WeightsReadingOptions = WeightsReadingOptions()
  ) throws(CNNError) -> NamedArrays {
    let file = path.displayName
    do {
      let bytes = try InputFile(path, domain: .weights).map()
      let arrays = try read(bytes, path, options)
        .strippingCommonPrefix(dataParallelPrefix)
      try requireNumbers(arrays)
      try requireSize(arrays, options)
      return arrays
    } catch {
      throw error.about(file)
    }
  }

  private static func read(
    _ bytes: Bytes, _ path: FilePath, _ options: WeightsReadingOptions
  ) throws(CNNError) -> NamedArrays {
    switch try FileSignature(bytes) {
    case .npy:
      return try NamedArrays(
        try NumPyFile.readArray(bytes, name: path.stem ?? "array"), .npy, path)
    case .safetensors:
      return try NamedArrays(try SafetensorsFile.read(bytes), .safetensors, path)
    case .torchLegacy:
      return try NamedArrays(try TorchLegacyFile.read(bytes), .torchLegacy, path)
    case .zip:
      return try readZip(bytes, path, options)
    }
  }

  private static func readZip(
    _ bytes: Bytes, _ path: FilePath, _ options: WeightsReadingOptions
  ) throws(CNNError) -> NamedArrays {
    let archive = try ZipArchive(bytes)
    if TorchZipFile.isRecognized(archive) {
      let contents = try TorchZipFile.read(
        archive, checksum: options.verifiesChecksums ? .verifyUnlessZero : .ignore)
      return try NamedArrays(contents, .torchZip, path)
    }
    guard archive.members.contains(where: { $0.name.hasSuffix(NumPyFile.memberSuffix) }) else {
      throw ForeignFile.refusal(of: archive)
    }
    let contents = try NumPyFile.readArchive(
      archive, checksum: options.verifiesChecksums ? .verify : .ignore)
    return try NamedArrays(contents, .npz, path)
  }

  /// Refuses a file of which nothing could be used.
  private static func requireNumbers(_ arrays: NamedArrays) throws(CNNError) {
    guard arrays.count > 0 || arrays.ignored.isEmpty else {
      throw CNNError(
        .weights, .unsupported, "there are no arrays of numbers in this file",
        found: arrays.ignored.prefix(3).map { "\($0.name.printable): \($0.reason)" }
          .joined(separator: ", "))
    }
  }

  private static func requireSize(
    _ arrays: NamedArrays, _ options: WeightsReadingOptions
  ) throws(CNNError) {
    var total = 0
    for array in arrays {
      let (size, overflow) = array.count.multipliedReportingOverflow(
        by: MemoryLayout<Float>.stride)
      let (sum, carry) = total.addingReportingOverflow(size)
      guard !overflow, !carry, sum <= options.maximumByteCount else {
        throw CNNError(
          .weights, .tooLarge, "the arrays are too large", at: .tensor(array.name.printable),
          expected: "at most \(options.maximumByteCount) bytes for all of them")
      }
      total = sum
    }
  }
}

extension NamedArrays {
  fileprivate init(
    _ contents: FileContents, _ format: WeightsFormat, _ path: FilePath
  ) throws(CNNError) {
    var contents = contents
    let file = path.displayName
    contents.arrays = contents.arrays.map { array in
      var array = array
      array.file = file
      return array
    }
    try self.init(contents, format: format, path: path)
  }
}
