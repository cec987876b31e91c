public import CNNSystem
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Weights files of all supported formats.
public enum WeightsFile {
  /// Opens a file and reads what is in it: names, types, shapes, and where the elements are. The
  /// elements themselves are read when they are used.
  ///
  /// The format is taken from the contents and not from the name. Unless `options` say otherwise, the
  /// file stays mapped as long as any array of it is in use, and must not be changed in that time;
  /// see `WeightsReadingOptions.Storage`.
  ///
  /// - Parameters:
  ///   - path: a `.npy`, `.npz`, `.safetensors`, `.pth`, `.pt` or `.th` file, or the index of weights
  ///     in several files of the same folder (`model.safetensors.index.json`).
  ///   - options: what to check, what to accept and where to keep it.
  /// - Returns: the arrays in the order of the file. What PyTorch's wrappers put before all names
  ///   (`module.`, `_orig_mod.`) is left out, and a note says so.
  /// - Throws: `notFound`, `unreadable`, `empty`; `unsupported` for other kinds of file, with what
  ///   it is and what to do; `corrupt`, `truncated`, `tooLarge`; `unsafe` for a pickle that names
  ///   anything but arrays; `ambiguous` where the file holds several sets of weights and `options`
  ///   name none. Every error names the file.
  public static func read(
    _ path: FilePath, options: WeightsReadingOptions = WeightsReadingOptions()
  ) throws(CNNError) -> NamedArrays {
    do {
      return try read(try bytes(of: path, options), path, options)
    } catch {
      throw error.about(path.displayName)
    }
  }

  /// The same for a file URL.
  ///
  /// - Throws: as for a path; `unsupported` for URLs of other schemes.
  public static func read(
    _ url: URL, options: WeightsReadingOptions = WeightsReadingOptions()
  ) throws(CNNError) -> NamedArrays {
    try read(try FilePath(fileURL: url), options: options)
  }

  /// Reads the contents of a weights file that are in memory, such as a download or a resource.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; it is shared and not copied.
  ///   - options: what to check and what to accept.
  /// - Throws: as for a file, without its name.
  public static func read(
    _ bytes: Bytes, options: WeightsReadingOptions = WeightsReadingOptions()
  ) throws(CNNError) -> NamedArrays {
    try read(bytes, nil, options)
  }

  /// Reads a copy of the contents of a weights file, such as `[UInt8]` or `Data`.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - options: what to check and what to accept.
  /// - Throws: as for a file, without its name.
  public static func read(
    _ bytes: some Collection<UInt8>, options: WeightsReadingOptions = WeightsReadingOptions()
  ) throws(CNNError) -> NamedArrays {
    try read(Bytes(copying: bytes), nil, options)
  }

  private static func bytes(
    of path: FilePath, _ options: WeightsReadingOptions
  ) throws(CNNError) -> Bytes {
    let file = try InputFile(path, domain: .weights)
    switch options.storage {
    case .mapped: return try file.map()
    case .inMemory:
      try MemoryBudget.require(file.size, for: path.displayName, domain: .weights)
      return try file.read()
    }
  }

  private static func read(
    _ bytes: Bytes, _ path: FilePath?, _ options: WeightsReadingOptions
  ) throws(CNNError) -> NamedArrays {
    let (contents, format) = try contents(of: bytes, path, options)
    try requireNumbers(contents)
    // There may be wrappers outside and inside of the entry: `module.encoder.module.conv1.weight`.
    let arrays = try NamedArrays(contents, format: format, path: path)
      .strippingWrappers()
      .choosing(entry: contents.hasNamedEntry ? nil : options.entry)
      .strippingWrappers()
    try requireSize(arrays, options)
    return arrays
  }
}

// MARK: Formats

extension WeightsFile {
  private static func contents(
    of bytes: Bytes, _ path: FilePath?, _ options: WeightsReadingOptions
  ) throws(CNNError) -> (FileContents, WeightsFormat) {
    let signature = try FileSignature(bytes)
    var (contents, format) =
      signature == .shardIndex
      ? try shards(of: try SafetensorsIndex(bytes), beside: path, options)
      : try singleFile(bytes, signature, name: path?.stem, options)
    if let file = path?.displayName, signature != .shardIndex {
      contents.arrays = contents.arrays.map { $0.named(after: file) }
    }
    return (contents, format)
  }

  private static func singleFile(
    _ bytes: Bytes, _ signature: FileSignature, name: String?, _ options: WeightsReadingOptions
  ) throws(CNNError) -> (FileContents, WeightsFormat) {
    switch signature {
    case .npy: return (try NumPyFile.readArray(bytes, name: name ?? "array"), .npy)
    case .safetensors: return (try SafetensorsFile.read(bytes), .safetensors)
    case .torchLegacy: return (try TorchLegacyFile.read(bytes, entry: options.entry), .torchLegacy)
    case .zip: return try zip(try ZipArchive(bytes), options)
    case .shardIndex:
      throw CNNError(.weights, .unsupported, "an index of weights names another index")
    }
  }

  private static func zip(
    _ archive: ZipArchive, _ options: WeightsReadingOptions
  ) throws(CNNError) -> (FileContents, WeightsFormat) {
    if TorchZipFile.isRecognized(archive) {
      let contents = try TorchZipFile.read(
        archive, checksum: options.verifiesChecksums ? .verifyUnlessZero : .ignore,
        entry: options.entry)
      return (contents, .torchZip)
    }
    guard archive.members.contains(where: { $0.name.hasSuffix(NumPyFile.memberSuffix) }) else {
      throw ForeignFile.refusal(of: archive)
    }
    let contents = try NumPyFile.readArchive(
      archive, checksum: options.verifiesChecksums ? .verify : .ignore)
    return (contents, .npz)
  }

  /// The arrays of all files that an index names, in the order of the index.
  private static func shards(
    of index: SafetensorsIndex, beside path: FilePath?, _ options: WeightsReadingOptions
  ) throws(CNNError) -> (FileContents, WeightsFormat) {
    guard let path else {
      throw CNNError(
        .weights, .unsupported, "this is an index of weights in several files, not the weights",
        found: index.shards.map(\.file).prefix(3).joined(separator: ", "),
        remedy: "Read it from its folder, where the other files are")
    }
    var (all, format) = (FileContents(), WeightsFormat.safetensors)
    for (position, shard) in index.shards.enumerated() {
      let file = path.removingLastComponent().appending(shard.file)
      do {
        let bytes = try bytes(of: file, options)
        let (contents, shardFormat) = try singleFile(
          bytes, try FileSignature(bytes), name: nil, options)
        var listed = try index.contents(of: contents, at: position)
        listed.arrays = listed.arrays.map { $0.named(after: file.displayName) }
        all.append(listed)
        format = shardFormat
      } catch {
        throw shardFailure(error, file, index, path)
      }
    }
    return (all, format)
  }

  private static func shardFailure(
    _ error: CNNError, _ file: FilePath, _ index: SafetensorsIndex, _ path: FilePath
  ) -> CNNError {
    guard error.code == .notFound else { return error.about(file.displayName) }
    return CNNError(
      .weights, .notFound, "a file that the index of the weights names is missing",
      subject: file.displayName,
      expected: "all \(index.shards.count) files beside \(path.displayName)",
      remedy: "Fetch it too, into the same folder")
  }
}

// MARK: Limits

extension WeightsFile {
  /// Refuses a file without any array that could be used.
  private static func requireNumbers(_ contents: FileContents) throws(CNNError) {
    guard !contents.arrays.isEmpty || contents.ignored.isEmpty else {
      throw CNNError(
        .weights, .unsupported, "there are no arrays of numbers in this file",
        found: contents.ignored.prefix(3).map { "\($0.name.printable): \($0.reason)" }
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
