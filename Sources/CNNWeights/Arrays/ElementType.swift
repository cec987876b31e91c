/// The type of the elements of an array. The raw value is the name that safetensors gives it.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  /// IEEE 754 half precision: 1 sign, 5 exponent and 10 fraction bits.
  case float16 = "F16"
  /// The upper half of a Float32: 1 sign, 8 exponent and 7 fraction bits.
  case bfloat16 = "BF16"
  /// IEEE 754 single precision.
  case float32 = "F32"
  /// IEEE 754 double precision.
  case float64 = "F64"
  /// Signed, 8 bits.
  case int8 = "I8"
  /// Signed, 16 bits.
  case int16 = "I16"
  /// Signed, 32 bits.
  case int32 = "I32"
  /// Signed, 64 bits.
  case int64 = "I64"
  /// Unsigned, 8 bits.
  case uint8 = "U8"
  /// Unsigned, 16 bits.
  case uint16 = "U16"
  /// Unsigned, 32 bits.
  case uint32 = "U32"
  /// Unsigned, 64 bits.
  case uint64 = "U64"
  /// One byte; zero is false and anything else is true.
  case bool = "BOOL"

  /// Whether the elements are floating-point numbers, as weights are.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// Bytes of one element.
  public var byteSize: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// Kind and size in a NumPy type string, such as `f4` in `<f4`; nil for bfloat16, which NumPy does
  /// not have.
  var numPyName: String? {
    switch self {
    case .float16: "f2"
    case .bfloat16: nil
    case .float32: "f4"
    case .float64: "f8"
    case .int8: "i1"
    case .int16: "i2"
    case .int32: "i4"
    case .int64: "i8"
    case .uint8: "u1"
    case .uint16: "u2"
    case .uint32: "u4"
    case .uint64: "u8"
    case .bool: "b1"
    }
  }

  /// The class of the module `torch` whose storages hold such elements; nil where PyTorch has none.
  var torchStorageName: String? {
    switch self {
    case .float16: "HalfStorage"
    case .bfloat16: "BFloat16Storage"
    case .float32: "FloatStorage"
    case .float64: "DoubleStorage"
    case .int8: "CharStorage"
    case .int16: "ShortStorage"
    case .int32: "IntStorage"
    case .int64: "LongStorage"
    case .uint8: "ByteStorage"
    case .uint16, .uint32, .uint64: nil
    case .bool: "BoolStorage"
    }
  }
}
