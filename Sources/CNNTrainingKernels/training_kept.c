#include "cnn_training_kernels.h"
#include "dispatch.h"

// Sixteen-lane sums a and b become one vector of two eight-lane sums, then four of four, eight of
// two, sixteen of one: a tree that needs three instructions for two sums. Each sum is added up in
// the same order, wherever it stands.
#define HALVES(a, b)                                                                    \
  (__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) + \
   __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#define QUARTERS(a, b)                                                                  \
  (__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) + \
   __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))
#define EIGHTHS(a, b)                                                                   \
  (__builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) + \
   __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31))
#define LANES(a, b)                                                                     \
  (__builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) + \
   __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31))

enum { PICTURES = CNN_TRAINING_KEPT_PICTURES };

// Adds the sum of the lanes of each of `count` vectors to its number; count is at most 16, and the
// vectors behind them are zero.
CNN_INLINE void add_lane_sums(const cnn_register *sums, const int count, float *result) {
  const cnn_register zero = {0};
  cnn_register halves[8], quarters[4], eighths[2];
  UNROLL
  for (int i = 0; i < 8; i++) {
    halves[i] = 2 * i < count ? HALVES(sums[2 * i], sums[2 * i + 1]) : zero;
  }
  UNROLL
  for (int i = 0; i < 4; i++) {
    quarters[i] = 4 * i < count ? QUARTERS(halves[2 * i], halves[2 * i + 1]) : zero;
  }
  UNROLL
  for (int i = 0; i < 2; i++) {
    eighths[i] = 8 * i < count ? EIGHTHS(quarters[2 * i], quarters[2 * i + 1]) : zero;
  }
  *(cnn_vector *)result += LANES(eighths[0], eighths[1]);
}

// The products of one tile, whose size is known: each weight is loaded once for all pictures, each
// input once for all outputs.
CNN_INLINE void add_tile(
    const int outputs, const int pictures, const cnn_training_kept_tile *tile,
    cnn_training_kept_factors factors, float *result) {
  cnn_register sums[CNN_TRAINING_KEPT_SUMS];
  UNROLL
  for (int i = 0; i < CNN_TRAINING_KEPT_SUMS; i++) sums[i] = (cnn_register){0};
  const float *rows[CNN_TRAINING_KEPT_OUTPUTS], *columns[PICTURES];
  UNROLL
  for (int o = 0; o < outputs; o++) {
    rows[o] = factors.weights + tile->outputs[o] * factors.weight_stride;
  }
  UNROLL
  for (int p = 0; p < pictures; p++) {
    columns[p] = factors.inputs + tile->pictures[p] * factors.input_stride;
  }
  for (long k = 0; k < factors.depth; k += 16) {
    cnn_register weights[CNN_TRAINING_KEPT_OUTPUTS];
    UNROLL
    for (int o = 0; o < outputs; o++) weights[o] = *(const cnn_vector *)(rows[o] + k);
    UNROLL
    for (int p = 0; p < pictures; p++) {
      const cnn_register input = *(const cnn_vector *)(columns[p] + k);
      UNROLL
      for (int o = 0; o < outputs; o++) sums[p * outputs + o] += weights[o] * input;
    }
  }
  const int count = outputs * pictures;
  add_lane_sums(sums, count < 16 ? count : 16, result);
  if (count > 16) add_lane_sums(sums + 16, count - 16, result + 16);
}

// The sizes of tiles, as training_kept_tiles.c cuts them: makes X(outputs, pictures) for each.
#define UP_TO_5(X, o) X(o, 1) X(o, 2) X(o, 3) X(o, 4) X(o, 5)
#define UP_TO_6(X, o) UP_TO_5(X, o) X(o, 6)
#define UP_TO_8(X, o) UP_TO_6(X, o) X(o, 7) X(o, 8)
#define UP_TO_12(X, o) UP_TO_8(X, o) X(o, 9) X(o, 10) X(o, 11) X(o, 12)
#define UP_TO_24(X, o)                                                                  \
  UP_TO_12(X, o) X(o, 13) X(o, 14) X(o, 15) X(o, 16) X(o, 17) X(o, 18) X(o, 19) X(o, 20) \
  X(o, 21) X(o, 22) X(o, 23) X(o, 24)
#define SIZES(X) UP_TO_24(X, 1) UP_TO_12(X, 2) UP_TO_8(X, 3) UP_TO_6(X, 4) UP_TO_5(X, 5)

CNN_INLINE void cnn_training_add_kept_products_body(
    const cnn_training_kept_tile *tiles, long tile_count, cnn_training_kept_factors factors,
    float *sums, cnn_training_prefetch next, long next_rows) {
  long asked = 0;
  for (long number = 0; number < tile_count; number++) {
    // The lines are asked for a few at a time, as memory delivers them.
    for (const long due = next_rows * next.lines * (number + 1) / tile_count; asked < due; asked++) {
      __builtin_prefetch(
          next.start + asked / next.lines * next.stride + asked % next.lines * 16, 0, 2);
    }
    const cnn_training_kept_tile *tile = tiles + number;
    float *result = sums + number * CNN_TRAINING_KEPT_SUMS;
    switch (tile->output_count * (PICTURES + 1) + tile->picture_count) {
#define CASE(outputs, pictures)                               \
  case outputs * (PICTURES + 1) + pictures:                   \
    add_tile(outputs, pictures, tile, factors, result);       \
    break;
      SIZES(CASE)
#undef CASE
    }
  }
}

CNN_DISPATCH(
    void, cnn_training_add_kept_products,
    (const cnn_training_kept_tile *tiles, long tile_count, cnn_training_kept_factors factors,
     float *sums, cnn_training_prefetch next, long next_rows),
    (tiles, tile_count, factors, sums, next, next_rows))

int cnn_training_prefers_kept_products(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#else
  return 0;
#endif
}
