// The product that gradients of weights are made of: a few input channels by a few blocks of output
// channels, summed over pixels, with all sums in registers.

/// The pixels of a sum, and the distances between them. The gradient's pixels are CNN_BLOCK apart.
struct pixel_walk {
  ptrdiff_t pictures, rows, columns;
  ptrdiff_t input_picture_stride, input_row_stride, input_pixel_stride;
  ptrdiff_t gradient_picture_stride, gradient_row_stride;
  /// Distance between two blocks of the gradient.
  ptrdiff_t gradient_plane;
  /// How far behind each pixel lies what is read after this sum; it is requested meanwhile.
  ptrdiff_t input_ahead, gradient_ahead;
};

/// result[i][b * result_stride + lanes] = sum over pixels of input[pixel][i] * gradient[b][pixel],
/// for INPUTS neighbouring elements i and BLOCKS blocks b; added to the result where `adds`.
///
/// Each sum is one chain of additions in the order of the pixels, whatever the size of the tile, so
/// a result has the same bits in every tile.
ALWAYS_INLINE void gradient_tile(
    const int INPUTS, const int BLOCKS, const struct pixel_walk *walk, const float *restrict input,
    const float *restrict gradient, float *restrict result, ptrdiff_t result_stride, bool adds) {
  vector sums[TILE_PIXELS][TILE_VECTORS];
  UNROLL
  for (int i = 0; i < INPUTS; i++) {
    UNROLL
    for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) sums[i][v] = vector_splat(0.0f);
  }
  const ptrdiff_t columns = walk->columns, step = walk->input_pixel_stride;
  const ptrdiff_t plane = walk->gradient_plane;
  const ptrdiff_t input_ahead = walk->input_ahead, gradient_ahead = walk->gradient_ahead;
  NO_UNROLL
  for (ptrdiff_t picture = 0; picture < walk->pictures; picture++) {
    NO_UNROLL
    for (ptrdiff_t row = 0; row < walk->rows; row++) {
      const float *x =
          input + picture * walk->input_picture_stride + row * walk->input_row_stride;
      const float *y =
          gradient + picture * walk->gradient_picture_stride + row * walk->gradient_row_stride;
      NO_UNROLL
      for (ptrdiff_t column = 0; column < columns; column++, x += step, y += CNN_BLOCK) {
        vector factors[TILE_VECTORS];
        __builtin_prefetch(x + input_ahead, 0, 2);
        __builtin_prefetch(y + gradient_ahead, 0, 2);
        UNROLL
        for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
          factors[v] = vector_load(y + v / BLOCK_VECTORS * plane + v % BLOCK_VECTORS * LANES);
        }
        UNROLL
        for (int i = 0; i < INPUTS; i++) {
          const vector value = vector_splat(x[i]);
          UNROLL
          for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
            sums[i][v] = vector_multiply_add(value, factors[v], sums[i][v]);
          }
        }
      }
    }
  }
  UNROLL
  for (int i = 0; i < INPUTS; i++) {
    UNROLL
    for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
      float *target =
          result + v / BLOCK_VECTORS * result_stride + i * CNN_BLOCK + v % BLOCK_VECTORS * LANES;
      vector_store(target, adds ? vector_add(vector_load(target), sums[i][v]) : sums[i][v]);
    }
  }
}

typedef void gradient_tile_function(
    const struct pixel_walk *walk, const float *input, const float *gradient, float *result,
    ptrdiff_t result_stride, bool adds);

#define GRADIENT_TILE(inputs, blocks)                                                          \
  static void gradient_tile_##inputs##x##blocks(                                               \
      const struct pixel_walk *walk, const float *input, const float *gradient, float *result, \
      ptrdiff_t result_stride, bool adds) {                                                    \
    gradient_tile(inputs, blocks, walk, input, gradient, result, result_stride, adds);         \
  }
TILE_SIZES(GRADIENT_TILE)
#undef GRADIENT_TILE

/// The same for any number of neighbouring elements, in register tiles of nearly equal size.
ALWAYS_INLINE void gradient_sums(
    ptrdiff_t inputs, ptrdiff_t blocks, const struct pixel_walk *walk, const float *input,
    const float *gradient, float *result, ptrdiff_t result_stride, bool adds) {
#define ENTRY(inputs, blocks) [blocks - 1][inputs - 1] = gradient_tile_##inputs##x##blocks,
  static gradient_tile_function *const table[TILE_BLOCKS][TILE_PIXELS] = {TILE_SIZES(ENTRY)};
#undef ENTRY
  const ptrdiff_t parts = (inputs + TILE_PIXELS - 1) / TILE_PIXELS;
  for (ptrdiff_t part = 0; part < parts; part++) {
    const ptrdiff_t first = part * inputs / parts, last = (part + 1) * inputs / parts;
    table[blocks - 1][last - first - 1](
        walk, input + first, gradient, result + first * CNN_BLOCK, result_stride, adds);
  }
}
