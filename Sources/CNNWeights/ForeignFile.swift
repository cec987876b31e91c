internal import CNNSystem

/// Models and weights of formats that are not read. Each is named, and what to do about it.
enum ForeignFile: CaseIterable {
  case hdf5
  case onnx
  case caffeModel
  case tensorFlowLite
  case gguf
  case torchTar
  case pickle

  /// The error for a file of a format that is known and not read; nil for any other.
  static func refusal(of bytes: Bytes) -> CNNError? {
    let start = bytes[0..<min(bytes.count, 512)].array
    let kind = FileKind(of: bytes)
    if let format = allCases.first(where: { $0.matches(start, kind) }) {
      let (problem, remedy) = format.words
      return CNNError(.weights, .unsupported, problem, remedy: CNNError.Remedy(remedy))
    }
    return kind.map { kind in
      CNNError(
        .weights, .unsupported, "this is \(kind.noun) and not weights",
        remedy: CNNError.Remedy(remedy(for: kind)))
    }
  }

  /// The error for a file of an unknown format.
  static var unknown: CNNError {
    CNNError(
      .weights, .unsupported, "this is not a weights file of any known kind",
      remedy: CNNError.Remedy(supported))
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
      remedy: isKeras
        ? CNNError.Remedy(convertKeras) : "Unpack it, and name the weights file inside")
  }

  private static let convertKeras =
    "Convert it once in Python: "
    + "numpy.savez(\"weights.npz\", **{w.path: w.numpy() for w in model.weights})"
  private static let supported = "Supported are .npz, .npy, .safetensors and PyTorch state dicts"

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
        "Load it once in PyTorch and save it anew: " + TorchPickle.extraction
      )
    case .pickle:
      (
        "this is a Python pickle and not a file of PyTorch or NumPy",
        "If you trust it, let Python save its arrays: "
          + NumPyPickle.extraction("pickle.load(open(\"old.pkl\", \"rb\"), encoding=\"latin1\")")
      )
    }
  }

  /// What to do about a file that has nothing to do with weights.
  private static func remedy(for kind: FileKind) -> String {
    switch kind {
    case .archive("tar"): "Unpack it with tar -xf, and name the weights file inside"
    case .archive: "Unpack it first (gunzip, bunzip2, unxz, unzstd, 7z x)"
    case .lfsPointer: "Run git lfs pull in its repository"
    case .picture, .video, .pdf: "Name the weights file here"
    case .webPage, .xml, .json, .text, .svg:
      "Fetch the file again, and look at what the server sends"
    case .zeros: "Copying it was probably interrupted: fetch it again"
    case .numPyArray, .program: supported
    }
  }

  private func matches(_ start: [UInt8], _ kind: FileKind?) -> Bool {
    switch self {
    case .hdf5: start.starts(with: [0x89] + Array("HDF\r\n\u{1A}\n".utf8))
    case .onnx: Self.isONNX(start)
    case .caffeModel: Self.isCaffeModel(start)
    case .tensorFlowLite: start.dropFirst(4).starts(with: "TFL3".utf8)
    case .gguf: start.starts(with: "GGUF".utf8)
    case .torchTar: kind == .archive("tar") && Self.torchTarMembers.contains(Self.tarMember(start))
    case .pickle: start.count > 2 && start[0] == 0x80 && start[1] <= 5
    }
  }

  private static let torchTarMembers = ["sys_info", "pickle", "storages", "tensors"]

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
}
