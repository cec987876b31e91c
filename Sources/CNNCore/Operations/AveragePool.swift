/// The mean of each window over its elements inside the input: input `[N, C, H, W]`, result
/// `[N, C, oH, oW]` with `oH = round((H + top + bottom - kH) / stride) + 1`, rounded as `window`
/// says.
///
/// Padding counts neither in the sum nor in the number of elements (TensorFlow's rule; PyTorch's
/// `count_include_pad=False`). Precondition: the padding is smaller than the kernel.
public func averagePool(_ input: Tensor, _ window: Window, threads: Int = 1) -> Tensor {
  input.meanPooled(PoolingCells(window, input: input.planeExtent), threads: threads)
}

/// The mean of each cell of an even division: input `[N, C, H, W]`, result `[N, C, size]`.
///
/// Cell i of an axis reaches from `floor(i * in / out)` to `ceil((i + 1) * in / out)` (PyTorch's
/// `AdaptiveAvgPool2d`), so an input smaller than `size` is repeated.
public func adaptiveAveragePool(_ input: Tensor, _ size: Extent, threads: Int = 1) -> Tensor {
  input.meanPooled(PoolingCells(adaptive: size, input: input.planeExtent), threads: threads)
}

/// The mean of each channel: input `[N, C, H, W]`, result `[N, C]`
/// (arXiv 1312.4400, section 3.2).
public func globalAveragePool(_ input: Tensor, threads: Int = 1) -> Tensor {
  adaptiveAveragePool(input, 1, threads: threads).reshaped(Array(input.shape[..<2]))
}
