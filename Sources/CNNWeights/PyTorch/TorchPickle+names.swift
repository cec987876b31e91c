extension TorchPickle {
  /// The functions of `torch._utils` that make tensors which are not read.
  static let otherTensors: [String: OtherTensor] = [
    "_rebuild_qtensor": .quantised, "_rebuild_sparse_tensor": .sparse,
    "_rebuild_nested_tensor": .nested, "_rebuild_meta_tensor_no_storage": .empty,
    "_rebuild_tensor_v3": .unusual, "_rebuild_wrapper_subclass": .unusual,
    "_rebuild_device_tensor_from_numpy": .unusual,
    "_rebuild_device_tensor_from_cpu_tensor": .unusual,
  ]

  /// The storage classes of `torch`, `torch.cuda` and `torch.storage`.
  static let storages: [String: TorchStorage.Kind] = {
    let read = ElementType.allCases.compactMap { type in
      type.torchStorageName.map {
        ($0, TorchStorage.Kind(byteSize: type.byteSize, elementType: type))
      }
    }
    let complex = [("ComplexFloatStorage", 8), ("ComplexDoubleStorage", 16), ("UntypedStorage", 1)]
      .map { ($0.0, TorchStorage.Kind(byteSize: $0.1, elementType: nil)) }
    let quantised = [
      ("QInt8Storage", 1), ("QUInt8Storage", 1), ("QInt32Storage", 4), ("QUInt4x2Storage", 1),
      ("QUInt2x4Storage", 1),
    ].map { ($0.0, TorchStorage.Kind(byteSize: $0.1, elementType: nil, isQuantised: true)) }
    return Dictionary(uniqueKeysWithValues: read + complex + quantised)
  }()

  /// The names that are allowed and become opaque values: module, name, and what the value is.
  static let opaqueNames: [String: [String: String]] = {
    var names: [String: [String: String]] = [
      "collections": ["Counter": "a counter"],
      "builtins": [
        "set": "a set", "bytearray": "a text", "bytes": "a text", "complex": "a complex number",
      ],
      "_codecs": ["encode": "a text"],
      "torch": ["device": "a device", "Tensor": "a class of tensors"],
      "torch.serialization": ["_get_layout": "a layout"],
      "torch.storage": ["TypedStorage": "a storage"],
    ]
    names["__builtin__"] = names["builtins"]
    for scheme in [
      "per_tensor_affine", "per_tensor_symmetric", "per_channel_affine", "per_channel_symmetric",
      "per_channel_affine_float_qparams",
    ] {
      names["torch"]?[scheme] = "a way of quantising"
    }
    for type in elementTypes { names["torch"]?[type] = "a type" }
    for module in ["torch", "torch.cuda", "torch.sparse", "torch.cuda.sparse"] {
      for word in tensorWords {
        names[module, default: [:]][word + "Tensor"] = "a class of tensors"
      }
    }
    // The modules of NumPy were renamed with its version 2.
    for core in ["numpy.core", "numpy._core"] {
      names[core + ".multiarray"] = ["scalar": "a number", "_reconstruct": "a NumPy array"]
      names[core + ".numeric"] = ["_frombuffer": "a NumPy array"]
    }
    names["numpy"] = ["dtype": "a type", "ndarray": "a class of arrays"]
    return names
  }()

  /// The attributes of `torch` that are types of elements.
  private static let elementTypes: [String] = {
    let whole = (1...8).flatMap { ["int\($0)", "uint\($0)"] }
    let wide = [16, 32, 64].flatMap { ["int\($0)", "uint\($0)", "float\($0)"] }
    let eight = ["e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz", "e8m0fnu"].map { "float8_" + $0 }
    let packed = ["bits8", "bits16", "bits1x8", "bits2x4", "bits4x2", "float4_e2m1fn_x2"]
    let quantised = ["qint8", "qint32", "quint8", "quint4x2", "quint2x4"]
    return whole + wide + eight + packed + quantised
      + ["bool", "bfloat16", "complex32", "complex64", "complex128"]
  }()

  private static let tensorWords = [
    "BFloat16", "Bool", "Byte", "Char", "Double", "Float", "Half", "Int", "Long", "Short",
  ]
}
