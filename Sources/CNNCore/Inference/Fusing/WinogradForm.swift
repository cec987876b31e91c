/// A form F(results, kernel) of Winograd's minimal filtering (arXiv 1509.09308), the same in rows and
/// columns.
struct WinogradForm: Sendable, Hashable {
  /// Rows and columns of the kernel.
  let kernel: Int
  /// Rows and columns of results in a tile.
  let results: Int

  /// Rows and columns of inputs under a tile.
  var inputs: Int { results + kernel - 1 }
  /// Products of a tile, for each pair of channels.
  var points: Int { inputs * inputs }
  /// `F(4x4,3x3)`, as the literature writes it.
  var name: String { "F(\(results)x\(results),\(kernel)x\(kernel))" }

  private init(kernel: Int, results: Int) {
    self.kernel = kernel
    self.results = results
  }

  /// The form for a convolution, or nil where the definition is faster. The limits are measured.
  init?(_ convolution: FusedConvolution) {
    let (settings, output) = (convolution.settings, convolution.outputExtent)
    let (inputs, outputs) = (convolution.inputChannels / settings.groups, settings.channels)
    let blockChannels = MapSlot.blockChannels
    guard settings.window.stride == 1, inputs >= blockChannels,
      settings.groups == 1
        || inputs.isMultiple(of: blockChannels)
          && (outputs / settings.groups).isMultiple(of: blockChannels)
    else { return nil }
    let side = min(output.height, output.width)
    switch settings.window.kernel {
    case 3 where side >= 4:
      // With few tiles the kernel is bound by the bandwidth of its weights: F(2x2) reads 16 for each
      // pair of channels, F(4x4) 36. That is so for maps of up to 8x8 (4 tiles of 4x4) whose transformed
      // weights, 36 * 2^17 elements or more, come from memory.
      let isBoundByWeights = output.height * output.width <= 64 && inputs * outputs >= 1 << 17
      (kernel, results) = (3, isBoundByWeights ? 2 : 4)
    case 5 where side >= 8:
      (kernel, results) = (5, 2)
    default:
      return nil
    }
  }

  /// The form when products are taken in bfloat16. Up to 16x16 results the kernel is bound by the
  /// bandwidth of its weights, and F(2x2) reads 16 for each pair of channels instead of 36: F(4x4)
  /// would be at most a third faster there, and less accurate.
  func inBFloat16(_ convolution: FusedConvolution) -> WinogradForm {
    let output = convolution.outputExtent
    guard kernel == 3, output.height * output.width <= 256 else { return self }
    return WinogradForm(kernel: 3, results: 2)
  }
}
