// What keeps Winograd's forms accurate in bfloat16: of each tile and channel, its level (about the
// mean) is taken away before the tile is transformed, and multiplied with the sum of the kernel
// instead, since that is what convolution makes of a constant. Maps behind ReLU are nowhere
// negative, so what remains is smaller, and with it what is lost when it is rounded: a quarter to
// a half of the variance. The level itself is a number of bfloat16, and the sum of the kernel two,
// so nothing is lost there. Both products are points of their own behind those of the form.

#ifdef PANEL_BFLOAT16

#define WINOGRAD_LEVEL_POINTS 2

// The level of a tile: the mean of the four inputs in its middle. `input` is its first.
ALWAYS_INLINE vector
winograd_level(const int INPUTS, const float *input, ptrdiff_t row_stride) {
  const float *middle = input + (INPUTS / 2 - 1) * (row_stride + CNN_BLOCK);
  const vector top = vector_add(vector_load(middle), vector_load(middle + CNN_BLOCK));
  const float *below = middle + row_stride;
  const vector bottom = vector_add(vector_load(below), vector_load(below + CNN_BLOCK));
  const vector mean = vector_multiply(vector_splat(0.25f), vector_add(top, bottom));
  return panel_widen(panel_round(mean));
}

// Stores the level at its points: for the upper part of the kernel's sum, and for the rest.
ALWAYS_INLINE void winograd_store_level(
    vector level, panel_number *output, ptrdiff_t point_stride) {
  panel_store(output, level);
  panel_store(output + point_stride, level);
}

// What the level adds to every result of a tile.
ALWAYS_INLINE vector winograd_level_result(const float *products, ptrdiff_t point_stride) {
  return vector_add(vector_load(products), vector_load(products + point_stride));
}

// Stores the sums of the kernels of PANEL_STEP inputs, in two parts.
ALWAYS_INLINE void winograd_store_kernel_sums(
    const int KERNEL, const float kernels[PANEL_STEP][25 * CNN_BLOCK], panel_number *target,
    ptrdiff_t point_stride) {
  vector upper[PANEL_STEP], rest[PANEL_STEP];
  for (int step = 0; step < PANEL_STEP; step++) {
    vector sum = vector_load(kernels[step]);
    for (int place = 1; place < KERNEL * KERNEL; place++) {
      sum = vector_add(sum, vector_load(kernels[step] + place * CNN_BLOCK));
    }
    upper[step] = panel_widen(panel_round(sum));
    rest[step] = vector_subtract(sum, upper[step]);
  }
  panel_store_weights(target, upper);
  panel_store_weights(target + point_stride, rest);
}

#else

#define WINOGRAD_LEVEL_POINTS 0

#endif
