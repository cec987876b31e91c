// Scalar products of weights and inputs where only some are needed; see `struct cnn_masked_product`.

// The sums of the lanes of 16 vectors by a tree that takes three instructions for two sums: of the
// vectors a and b, ADD_EIGHTS makes one with two sums of eight lanes each; of two such vectors,
// ADD_FOURS makes one with four sums of four lanes each, and so on. The lanes of a vector are added in
// the same order wherever it stands.
#define ADD_EIGHTS(a, b)                                                                     \
  (__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +   \
   __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#define ADD_FOURS(a, b)                                                                      \
  (__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) + \
   __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))
#define ADD_TWOS(a, b)                                                                       \
  (__builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) + \
   __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31))
#define ADD_ONES(a, b)                                                                       \
  (__builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) + \
   __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31))

/// Adds the sum of the lanes of sums[i] to result[i] for COUNT vectors, at most 16; result[i] is
/// unchanged for the others up to 16.
ALWAYS_INLINE void masked_add_lane_sums(const sixteen *sums, const int COUNT, float *result) {
  const sixteen zero = {0};
  sixteen eights[8], fours[4], twos[2];
  UNROLL
  for (int i = 0; i < 8; i++) {
    eights[i] = 2 * i < COUNT ? ADD_EIGHTS(sums[2 * i], sums[2 * i + 1]) : zero;
  }
  UNROLL
  for (int i = 0; i < 4; i++) {
    fours[i] = 4 * i < COUNT ? ADD_FOURS(eights[2 * i], eights[2 * i + 1]) : zero;
  }
  UNROLL
  for (int i = 0; i < 2; i++) {
    twos[i] = 8 * i < COUNT ? ADD_TWOS(fours[2 * i], fours[2 * i + 1]) : zero;
  }
  *(sixteen_unaligned *)result += ADD_ONES(twos[0], twos[1]);
}

/// Computes one tile. Each weight is loaded once for all pictures, each input once for all outputs.
ALWAYS_INLINE void masked_add_tile(
    const int OUTPUTS, const int PICTURES, const struct cnn_masked_tile *tile,
    const struct cnn_masked_product *product, float *result) {
  sixteen sums[CNN_MASKED_SUMS];
  UNROLL
  for (int i = 0; i < CNN_MASKED_SUMS; i++) sums[i] = (sixteen){0};
  const float *rows[CNN_MASKED_OUTPUTS], *columns[CNN_MASKED_PICTURES];
  UNROLL
  for (int o = 0; o < OUTPUTS; o++) {
    rows[o] = product->weights + tile->outputs[o] * product->weight_stride;
  }
  UNROLL
  for (int p = 0; p < PICTURES; p++) {
    columns[p] = product->inputs + tile->pictures[p] * product->input_stride;
  }
  const ptrdiff_t depth = product->depth;
  for (ptrdiff_t k = 0; k < depth; k += 16) {
    sixteen weights[CNN_MASKED_OUTPUTS];
    UNROLL
    for (int o = 0; o < OUTPUTS; o++) weights[o] = *(const sixteen_unaligned *)(rows[o] + k);
    UNROLL
    for (int p = 0; p < PICTURES; p++) {
      const sixteen input = *(const sixteen_unaligned *)(columns[p] + k);
      UNROLL
      for (int o = 0; o < OUTPUTS; o++) sums[p * OUTPUTS + o] += weights[o] * input;
    }
  }
  const int count = OUTPUTS * PICTURES;
  masked_add_lane_sums(sums, count < 16 ? count : 16, result);
  if (count > 16) masked_add_lane_sums(sums + 16, count - 16, result + 16);
}

// The sizes of tiles as masked_tiles.c cuts them: expands X(outputs, pictures) for each.
#define UP_TO_5(X, o) X(o, 1) X(o, 2) X(o, 3) X(o, 4) X(o, 5)
#define UP_TO_6(X, o) UP_TO_5(X, o) X(o, 6)
#define UP_TO_8(X, o) UP_TO_6(X, o) X(o, 7) X(o, 8)
#define UP_TO_12(X, o) UP_TO_8(X, o) X(o, 9) X(o, 10) X(o, 11) X(o, 12)
#define UP_TO_24(X, o)                                                                   \
  UP_TO_12(X, o) X(o, 13) X(o, 14) X(o, 15) X(o, 16) X(o, 17) X(o, 18) X(o, 19) X(o, 20) \
  X(o, 21) X(o, 22) X(o, 23) X(o, 24)
#define MASKED_SIZES(X) UP_TO_24(X, 1) UP_TO_12(X, 2) UP_TO_8(X, 3) UP_TO_6(X, 4) UP_TO_5(X, 5)

/// Computes a product, tile by tile.
static void add_masked_products(const struct cnn_masked_product *product) {
  const struct cnn_prefetch next = product->next;
  const ptrdiff_t lines = product->next_rows * next.lines;
  ptrdiff_t requested = 0;
  for (ptrdiff_t number = 0; number < product->tile_count; number++) {
    // A share of the lines for each tile, because memory delivers only a few lines at a time.
    const ptrdiff_t due = lines * (number + 1) / product->tile_count;
    for (; requested < due; requested++) {
      const ptrdiff_t row = requested / next.lines, line = requested % next.lines;
      __builtin_prefetch(next.start + row * next.stride + line * 16, 0, 2);
    }
    const struct cnn_masked_tile *tile = product->tiles + number;
    float *result = product->sums + number * CNN_MASKED_SUMS;
    switch (tile->output_count * (CNN_MASKED_PICTURES + 1) + tile->picture_count) {
#define CASE(outputs, pictures)                               \
  case outputs * (CNN_MASKED_PICTURES + 1) + pictures:        \
    masked_add_tile(outputs, pictures, tile, product, result); \
    break;
      MASKED_SIZES(CASE)
#undef CASE
    }
  }
}
