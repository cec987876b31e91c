/// A form F(results, kernel) of Winograd's minimal filtering, in both directions alike.
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

  /// The form for a convolution, or nil where none is the faster.
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
      // So few tiles of 4x4 would wait for their weights, which F(2x2) has half as many of.
      let isBoundByWeights = output.height * output.width <= 64 && inputs * outputs >= 1 << 17
      (kernel, results) = (3, isBoundByWeights ? 2 : 4)
    case 5 where side >= 8:
      (kernel, results) = (5, 2)
    default:
      return nil
    }
  }

  /// The form when products are taken in bfloat16. Small maps wait for their weights, of which
  /// F(2x2) has half as many; F(4x4) would be no more than a third faster there and lose more digits.
  func inBFloat16(_ convolution: FusedConvolution) -> WinogradForm {
    let output = convolution.outputExtent
    guard kernel == 3, output.height * output.width <= 256 else { return self }
    return WinogradForm(kernel: 3, results: 2)
  }
}
