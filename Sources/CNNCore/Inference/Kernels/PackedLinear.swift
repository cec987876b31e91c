internal import CNNKernels
internal import CNNSystem

/// A linear layer that our kernels compute: on the weight where it lies, or on one that was rounded
/// to 16 bits and packed once.
///
/// Every output is one sum in an order that follows from the weight's shape and layout alone, so
/// its bits depend on neither the number of threads nor that of pictures.
package struct PackedLinear: LayerOperation {
  private enum Weight: Sendable {
    case inPlace(ParameterArray)
    case packed(LinearPanels)
  }

  private let weight: Weight
  private let inputs: Int
  private let outputs: Int
  private let bias: Tensor?
  private let kernels: KernelSet

  /// A layer with a weight `[out, in]` and a bias `[out]`.
  ///
  /// - Parameters:
  ///   - weight: used in place for `fp32`, else packed now.
  ///   - bias: nil for none.
  ///   - precision: how the weight is stored. For `halfFC`, one with elements beyond the range of
  ///     half precision stays in 32 bits; for `bf16` it is stored in bfloat16.
  ///   - kernels: which kernels; not `blas`.
  ///   - threads: how many may pack.
  package init(
    weight: ParameterArray, bias: Tensor?, precision: Precision, kernels: KernelSet, threads: Int
  ) {
    (outputs, inputs) = (weight.shape[0], weight.shape[1])
    self.bias = bias
    self.kernels = kernels
    let storage: cnn_storage? =
      switch precision {
      case .fp32: nil
      case .halfFC:
        LinearPanels.fitsHalfPrecision(weight, kernels, threads) ? CNN_STORAGE_FLOAT16 : nil
      case .bf16:
        LinearPanels.fitsHalfPrecision(weight, kernels, threads)
          ? CNN_STORAGE_FLOAT16 : CNN_STORAGE_BFLOAT16
      }
    self.weight =
      storage.map { .packed(LinearPanels(weight, storage: $0, kernels, threads: threads)) }
      ?? .inPlace(weight)
  }

  /// What computes it, in a word or two.
  package var kernelName: String {
    switch weight {
    case .inPlace(let weight): weight.layout == .outputInput ? "linear rows" : "linear columns"
    case .packed(let panels): "linear " + panels.storageName
    }
  }

  package func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor {
    run(inputs[0], threads: threads)
  }

  /// The result `[N, out]` for an input `[N, in]`.
  package func run(_ input: Tensor, threads: Int) -> Tensor {
    precondition(input.shape.count == 2 && input.shape[1] == inputs, "the input is [N, \(inputs)]")
    guard let table = kernels.table?.pointee else { preconditionFailure("no such kernels here") }
    return Tensor(uninitialized: [input.shape[0], outputs]) { result in
      input.withUnsafeElements { input in
        withWeight { bytes, storage in
          withBias { bias in
            let layer = cnn_linear(
              pictures: input.count / max(inputs, 1), inputs: inputs, outputs: outputs,
              input: input.baseAddress, weight: bytes.baseAddress, storage: storage, bias: bias,
              output: result.baseAddress, relu: false)
            multiply(layer, table, threads)
          }
        }
      }
    }
  }

  private func multiply(_ layer: cnn_linear, _ table: cnn_kernels, _ threads: Int) {
    let (kernel, count, unit) =
      switch weight {
      case .packed(let panels): (table.linear_packed, panels.count, 1)
      case .inPlace(let weight) where weight.layout == .outputInput:
        (table.linear_rows, outputs, Self.rowsOfUnit)
      case .inPlace: (table.linear_columns, outputs, columnsOfUnit(threads))
      }
    guard let kernel, layer.pictures > 0 else { return }
    // The units are disjoint outputs, and all threads have ended before anybody reads.
    nonisolated(unsafe) let shared = layer
    Workers.forEach(count: (count + unit - 1) / unit, threads: threads) { number in
      withUnsafePointer(to: shared) { kernel($0, number * unit, min(count, (number + 1) * unit)) }
    }
  }

  /// Rows that a thread computes at a time: they share the input while it lies in the cache.
  private static let rowsOfUnit = 16

  /// Columns that a thread computes at a time: long pieces of a row, but enough for all threads.
  private func columnsOfUnit(_ threads: Int) -> Int {
    let share = (outputs + threads - 1) / max(threads, 1)
    return min(1024, max(64, (share + 63) / 64 * 64))
  }

  private func withWeight(_ body: (UnsafeRawBufferPointer, cnn_storage) -> Void) {
    switch weight {
    case .inPlace(let weight): weight.bytes.withUnsafeBytes { body($0, CNN_STORAGE_FLOAT32) }
    case .packed(let panels): panels.bytes.withUnsafeBytes { body($0, panels.storage) }
    }
  }

  private func withBias(_ body: (UnsafePointer<Float>?) -> Void) {
    if let bias { bias.withUnsafeElements { body($0.baseAddress) } } else { body(nil) }
  }
}

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
