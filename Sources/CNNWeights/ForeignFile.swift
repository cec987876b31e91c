internal import CNNSystem

/// Files that people take for weights, or that a failed download leaves; each has its own words.
enum ForeignFile: CaseIterable {
  case hdf5
  case onnx
  case caffeModel
  case tensorFlowLite
  case gguf
  case torchTar
  case tar
  case compressed
  case pickle
  case webPage
  case lfsPointer
  case picture
  case text
  case unknown

  /// The kind of a file that begins with `start`; nil where it is not known to be foreign.
  init?(_ start: [UInt8]) {
    let kind = Self.allCases.first { $0.matches(start) }
    guard let kind else { return nil }
    self = kind
  }

  /// The error for such a file.
  var refusal: CNNError {
    let (problem, remedy) = words
    return CNNError(.weights, .unsupported, problem, remedy: remedy)
  }

  /// The error for a zip archive that holds no weights.
  static func refusal(of archive: ZipArchive) -> CNNError {
    let names = archive.members.prefix(3).map(\.name.printable).joined(separator: ", ")
    let isKeras = archive.members.contains { $0.name == "model.weights.h5" }
    return CNNError(
      .weights, .unsupported,
      isKeras
        ? "this is a Keras model file (.keras)" : "this zip archive holds no arrays (.npy members)",
      found: archive.members.isEmpty ? "no members" : names,
      remedy: isKeras ? convertKeras : "Unpack it, and name the weights file inside")
  }

  private static let convertKeras =
    "Convert it once in Python: "
    + "numpy.savez(\"weights.npz\", **{w.path: w.numpy() for w in model.weights})"
  private static let fetchAgain = "Fetch the file again, and look at what the server sends"

  private var words: (problem: String, remedy: String) {
    switch self {
    case .hdf5: ("this is an HDF5 file (Keras .h5), which is not read", Self.convertKeras)
    case .onnx:
      (
        "this looks like an ONNX model, which is not read",
        "Save the state dict of the model it was made from, or its initializers with numpy.savez"
      )
    case .caffeModel:
      (
        "this looks like a Caffe model, which is not read",
        "Convert it once in Python: numpy.savez(\"weights.npz\", "
          + "**{k + s: b.data for k, p in net.params.items() for s, b in zip((\"_w\", \"_b\"), p)})"
      )
    case .tensorFlowLite:
      ("this is a TensorFlow Lite model, which is not read", "Use the weights it was made from")
    case .gguf: ("this is a GGUF file, which is not read", "Use the safetensors of the same model")
    case .torchTar:
      (
        "this is the tar format of PyTorch before 0.2, which is not read",
        "Load it once in PyTorch and save it anew. " + TorchPickle.saveStateDict
      )
    case .tar: ("this is a tar archive", "Unpack it with tar -xf, and name the weights file inside")
    case .compressed: ("this is a compressed file", "Unpack it first (gunzip, unxz, unzstd)")
    case .pickle:
      (
        "this is a Python pickle and not a file of PyTorch or NumPy",
        "Save the arrays: numpy.savez(\"weights.npz\", ...) or torch.save(state_dict, ...)"
      )
    case .webPage: ("this is a web page and not weights", Self.fetchAgain)
    case .lfsPointer:
      ("this is a Git LFS pointer and not the file itself", "Run git lfs pull in its repository")
    case .picture: ("this is a picture and not weights", "Name the weights file here")
    case .text: ("this is a text file and not weights", Self.fetchAgain)
    case .unknown:
      (
        "this is not a weights file of any known kind",
        "Supported are .npz, .npy, .safetensors and PyTorch state dicts"
      )
    }
  }

  private func matches(_ start: [UInt8]) -> Bool {
    switch self {
    case .hdf5: start.starts(with: [0x89] + Array("HDF\r\n\u{1A}\n".utf8))
    case .onnx: Self.isONNX(start)
    case .caffeModel: Self.isCaffeModel(start)
    case .tensorFlowLite: start.dropFirst(4).starts(with: "TFL3".utf8)
    case .gguf: start.starts(with: "GGUF".utf8)
    case .torchTar: Self.isTar(start) && Self.torchTarMembers.contains(Self.tarMember(start))
    case .tar: Self.isTar(start)
    case .compressed: Self.compressions.contains { start.starts(with: $0) }
    case .pickle: start.count > 2 && start[0] == 0x80 && start[1] <= 5
    case .webPage: Self.isWebPage(start)
    case .lfsPointer: start.starts(with: "version https://git-lfs".utf8)
    case .picture: Self.pictures.contains { start.starts(with: $0) }
    case .text: Self.isText(start)
    case .unknown: false
    }
  }

  /// gzip, bzip2, xz, Zstandard, 7-Zip.
  private static let compressions: [[UInt8]] = [
    [0x1F, 0x8B], Array("BZh".utf8), [0xFD] + Array("7zXZ".utf8), [0x28, 0xB5, 0x2F, 0xFD],
    [0x37, 0x7A, 0xBC, 0xAF],
  ]
  /// JPEG, PNG, GIF.
  private static let pictures: [[UInt8]] = [
    [0xFF, 0xD8, 0xFF], [0x89] + Array("PNG".utf8), Array("GIF8".utf8),
  ]
  private static let torchTarMembers = ["sys_info", "pickle", "storages", "tensors"]

  private static func isTar(_ start: [UInt8]) -> Bool {
    start.dropFirst(257).starts(with: "ustar".utf8)
  }

  private static func tarMember(_ start: [UInt8]) -> String {
    let name = String(decoding: start.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
    return name.hasPrefix("./") ? String(name.dropFirst(2)) : name
  }

  /// A protobuf whose field 1 is a small number (`ir_version`), and then a text or a message.
  private static func isONNX(_ start: [UInt8]) -> Bool {
    guard start.count > 3, start[0] == 0x08, (1...20).contains(start[1]) else { return false }
    return [0x12, 0x1A, 0x22, 0x2A, 0x32, 0x3A, 0x42].contains(start[2])
  }

  /// A protobuf whose field 1 is a printable name, and then a layer, in either of its fields.
  private static func isCaffeModel(_ start: [UInt8]) -> Bool {
    guard start.count > 2, start[0] == 0x0A, start[1] > 0, start[1] < 100 else { return false }
    let name = start.dropFirst(2).prefix(Int(start[1]))
    let next = start.dropFirst(2 + Int(start[1]))
    return name.allSatisfy { (0x20..<0x7F).contains($0) }
      && (next.starts(with: [0xA2, 0x06]) || next.starts(with: [0x12])
        || next.starts(with: [0x1A]))
  }

  private static func isWebPage(_ start: [UInt8]) -> Bool {
    let text = String(decoding: start.prefix(128), as: UTF8.self).lowercased()
    let tags = ["<!doctype html", "<html", "<?xml", "<head", "<body"]
    let body = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    return tags.contains { body.hasPrefix($0) }
  }

  private static func isText(_ start: [UInt8]) -> Bool {
    start.count > 3
      && start.allSatisfy { (0x20..<0x7F).contains($0) || (0x09...0x0D).contains($0) }
  }
}
