// What keeps Winograd's forms accurate in bfloat16.
//
// Maps behind ReLU are nowhere negative, so the inputs of a tile share a large mean, and rounding
// their transforms to 8 bits loses as much as a large value loses. So the mean of each tile and
// channel is subtracted before the tile is transformed; that removes a quarter to a half of the
// variance, and of the rounding error. Since a convolution makes mean * (sum of the kernel) of a
// constant, that product is added to every result of the tile. The mean is rounded to bfloat16 before
// it is subtracted, and the sum of the kernel is kept as two bfloat16 elements (its rounded value and
// the rest), so this product loses almost nothing. Its two parts are points of their own behind those
// of the form.

#ifdef PANEL_BFLOAT16

#define WINOGRAD_MEAN_POINTS 2

/// The mean of a tile, from the four inputs in its middle. `input` is its first pixel.
ALWAYS_INLINE vector winograd_tile_mean(
    const int INPUTS, const float *input, ptrdiff_t row_stride) {
  const float *middle = input + (INPUTS / 2 - 1) * (row_stride + CNN_BLOCK);
  const vector top = vector_add(vector_load(middle), vector_load(middle + CNN_BLOCK));
  const float *below = middle + row_stride;
  const vector bottom = vector_add(vector_load(below), vector_load(below + CNN_BLOCK));
  const vector mean = vector_multiply(vector_splat(0.25f), vector_add(top, bottom));
  return panel_widen(panel_round(mean));
}

/// Stores the mean at its two points, one for each part of the kernel's sum.
ALWAYS_INLINE void winograd_store_mean(
    vector mean, panel_element *output, ptrdiff_t point_stride) {
  panel_store(output, mean);
  panel_store(output + point_stride, mean);
}

/// What the mean contributes to every result of a tile: the sum of its two products.
ALWAYS_INLINE vector winograd_mean_result(const float *products, ptrdiff_t point_stride) {
  return vector_add(vector_load(products), vector_load(products + point_stride));
}

/// Stores the sums of the kernels of PANEL_STEP inputs, each in two parts.
ALWAYS_INLINE void winograd_store_kernel_sums(
    const int KERNEL, const float kernels[PANEL_STEP][25 * CNN_BLOCK], panel_element *target,
    ptrdiff_t point_stride) {
  vector upper[PANEL_STEP], rest[PANEL_STEP];
  for (int step = 0; step < PANEL_STEP; step++) {
    vector sum = vector_load(kernels[step]);
    for (int tap = 1; tap < KERNEL * KERNEL; tap++) {
      sum = vector_add(sum, vector_load(kernels[step] + tap * CNN_BLOCK));
    }
    upper[step] = panel_widen(panel_round(sum));
    rest[step] = vector_subtract(sum, upper[step]);
  }
  panel_store_weights(target, upper);
  panel_store_weights(target + point_stride, rest);
}

#else

#define WINOGRAD_MEAN_POINTS 0

#endif
