internal import CNNKernels
internal import CNNSystem

/// A linear weight in the order of the packed kernel, `[panels][in][panel width]`, in fewer bits
/// if `storage` says so.
struct LinearPanels: Sendable {
  /// How the elements are stored.
  let storage: cnn_storage
  /// The number of panels.
  let count: Int
  /// The panels.
  let bytes: Bytes

  /// The largest finite value of half precision.
  private static let largestHalf: Float = 65504

  /// Packs `weight` on up to `threads` threads.
  init(_ weight: ParameterArray, storage: cnn_storage, _ kernels: KernelSet, threads: Int) {
    guard let table = kernels.table?.pointee, let pack = table.linear_pack else {
      preconditionFailure("no such kernels here")
    }
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let count = (outputs + table.linear_panel - 1) / table.linear_panel
    let elementSize = storage == CNN_STORAGE_FLOAT32 ? 4 : 2
    self.storage = storage
    self.count = count
    bytes = Bytes(count: count * inputs * table.linear_panel * elementSize) { target in
      weight.bytes.withUnsafeBytes { source in
        // Each panel is written by one thread.
        nonisolated(unsafe) let packing = cnn_linear_packing(
          inputs: inputs, outputs: outputs, source: source.baseAddress,
          inputs_first: weight.layout == .inputOutput, storage: storage,
          packed: target.baseAddress)
        Workers.forEach(count: count, threads: threads) { panel in
          withUnsafePointer(to: packing) { pack($0, panel, panel + 1) }
        }
      }
    }
  }

  /// How the elements are stored, in a word.
  var storageName: String {
    switch storage {
    case CNN_STORAGE_FLOAT16: "fp16"
    case CNN_STORAGE_BFLOAT16: "bf16"
    default: "fp32"
    }
  }

  /// Whether no element of `weight` is beyond the range of half precision.
  static func fitsHalfPrecision(
    _ weight: ParameterArray, _ kernels: KernelSet, _ threads: Int
  ) -> Bool {
    guard let table = kernels.table?.pointee else { preconditionFailure("no such kernels here") }
    let block = 1 << 18
    let count = weight.count
    return weight.bytes.withUnsafeBytes { bytes in
      nonisolated(unsafe) let bytes = bytes
      let fits = Workers.map(count: (count + block - 1) / block, threads: threads) { number in
        let first = number * block
        // Without their signs, floats are ordered as their bits are.
        return table.largest_magnitude(
          bytes.baseAddress.map { $0 + first * MemoryLayout<Float>.stride },
          min(count - first, block)) <= largestHalf.bitPattern
      }
      return !fits.contains(false)
    }
  }
}
