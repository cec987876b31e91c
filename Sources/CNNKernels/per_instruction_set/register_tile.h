// The matrix product at the heart of every convolution: a few pixels by a few blocks of output
// channels, with all sums in registers.

// Inputs whose weights are prefetched: the weights of a large layer come from memory, and are read
// once. 128 inputs are 8 KiB of weights; measured.
enum { WEIGHTS_AHEAD = 128 };

/// sums[p][v] += sum over the chunks c and their inputs k of
///   input[offsets[c] + p * LENGTH + k] * weight[(c * LENGTH + k) * 16 + lanes of v],
/// with c * chunk_stride for offsets[c] where `offsets` is NULL.
///
/// LENGTH is the number of input channels in a chunk: 16 in a blocked map, whose pixels are 16
/// elements apart, or 1 in a planar map. In bfloat16 the weights of two inputs alternate, so that
/// each lane holds a pair. `weight_stride` is the distance between two output blocks.
/// Each sum is one chain of additions in the order of the chunks, whatever the size of the tile, so
/// a result has the same bits in every tile.
ALWAYS_INLINE void multiply_tile(
    const int PIXELS, const int BLOCKS, const int LENGTH, const panel_element *restrict input,
    const ptrdiff_t *restrict offsets, ptrdiff_t chunk_stride, ptrdiff_t chunks,
    const panel_element *restrict weight, ptrdiff_t weight_stride,
    vector sums[TILE_PIXELS][TILE_VECTORS]) {
  NO_UNROLL
  for (ptrdiff_t chunk = 0; chunk < chunks; chunk++) {
    const panel_element *pixel = input + (offsets ? offsets[chunk] : chunk * chunk_stride);
    NO_UNROLL
    for (int k = 0; k < LENGTH; k += PANEL_STEP) {
      panel_vector weights[TILE_VECTORS];
      UNROLL
      for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
        weights[v] = panel_load(
            weight + v / BLOCK_VECTORS * weight_stride + v % BLOCK_VECTORS * LANES * PANEL_STEP);
      }
      UNROLL
      for (int p = 0; p < PIXELS; p++) {
        const panel_vector value = panel_splat(pixel + p * LENGTH + k);
        UNROLL
        for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
          sums[p][v] = panel_multiply_add(value, weights[v], sums[p][v]);
        }
      }
      UNROLL
      for (int b = 0; b < BLOCKS; b++) {
        __builtin_prefetch(weight + b * weight_stride + WEIGHTS_AHEAD * CNN_BLOCK);
      }
      weight += CNN_BLOCK * PANEL_STEP;
    }
  }
}

// Expands X(pixels, blocks) for each size of a register tile: one function for each, since the
// compiler must know the size to keep the sums in registers.
#if TILE_PIXELS == 14
#define TILE_SIZES_OF(X, blocks)                                                              \
  X(1, blocks) X(2, blocks) X(3, blocks) X(4, blocks) X(5, blocks) X(6, blocks) X(7, blocks)  \
  X(8, blocks) X(9, blocks) X(10, blocks) X(11, blocks) X(12, blocks) X(13, blocks)           \
  X(14, blocks)
#elif TILE_PIXELS == 6
#define TILE_SIZES_OF(X, blocks) \
  X(1, blocks) X(2, blocks) X(3, blocks) X(4, blocks) X(5, blocks) X(6, blocks)
#else
#define TILE_SIZES_OF(X, blocks) X(1, blocks) X(2, blocks) X(3, blocks)
#endif

#if TILE_BLOCKS == 2
#define TILE_SIZES(X) TILE_SIZES_OF(X, 1) TILE_SIZES_OF(X, 2)
#else
#define TILE_SIZES(X) TILE_SIZES_OF(X, 1)
#endif
