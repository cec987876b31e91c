#include "cnn_training_kernels.h"
#include "dispatch.h"

typedef cnn_training_sparse_word word;

enum {
  OUTPUTS = CNN_TRAINING_SPARSE_OUTPUTS,
  VECTORS = CNN_TRAINING_BLOCK / 16,
  // Words of the list that memory has time to deliver: those of two sets, about.
  AHEAD = 384
};

// Adds the products of the pictures of one pattern, which the compiler knows; returns the list
// behind them. An input is loaded once for all outputs that have it: in the time of a multiplication
// no more than one vector of 512 bits is loaded.
CNN_INLINE const word *add_pictures(
    const int pattern, const int vectors, int count, const word *list, const float *block,
    cnn_register sums[OUTPUTS][VECTORS]) {
  do {
    const cnn_vector *source = (const cnn_vector *)(block + (list++)->number);
    float factors[OUTPUTS];
    UNROLL
    for (int o = 0; o < OUTPUTS; o++) {
      if (pattern >> o & 1) factors[o] = (list++)->value;
    }
    UNROLL
    for (int v = 0; v < vectors; v++) {
      const cnn_register input = source[v];
      UNROLL
      for (int o = 0; o < OUTPUTS; o++) {
        if (pattern >> o & 1) sums[o][v] += factors[o] * input;
      }
    }
  } while (--count);
  return list;
}

// The patterns that are not 0: makes X(pattern) for each.
#define PATTERNS(X) \
  X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

// Computes `vectors` vectors of the rows of one set; their sums stay in registers. Returns the list
// behind the set.
CNN_INLINE const word *multiply_set(
    const word *list, const float *block, int adds, float *tile, long tile_stride,
    const int vectors) {
  cnn_register sums[OUTPUTS][VECTORS];
  UNROLL
  for (int o = 0; o < OUTPUTS; o++) {
    const cnn_vector *row = (const cnn_vector *)(tile + o * tile_stride);
    UNROLL
    for (int v = 0; v < vectors; v++) sums[o][v] = adds ? row[v] : (cnn_register){0};
  }
  for (int pattern; (pattern = (list++)->number);) {
    // A line for each pattern: as many as are read.
    __builtin_prefetch(list + AHEAD);
    const int count = (list++)->number;
    switch (pattern) {
#define CASE(pattern)                                                    \
  case pattern:                                                          \
    list = add_pictures(pattern, vectors, count, list, block, sums);     \
    break;
      PATTERNS(CASE)
#undef CASE
    }
  }
  UNROLL
  for (int o = 0; o < OUTPUTS; o++) {
    cnn_vector *row = (cnn_vector *)(tile + o * tile_stride);
    UNROLL
    for (int v = 0; v < vectors; v++) row[v] = sums[o][v];
  }
  return list;
}

CNN_INLINE void multiply_sets(
    const word *list, long row_count, const float *block, int adds, float *tile, long tile_stride,
    cnn_training_prefetch weights, cnn_training_prefetch moments, const int vectors) {
  for (long row = 0; row < row_count; row += OUTPUTS) {
    for (long next = row; next < row + OUTPUTS && next < row_count; next++) {
      cnn_training_prefetch_row(weights, next);
      cnn_training_prefetch_row(moments, next);
    }
    const word *end = list;
    for (int first = 0; first < VECTORS; first += vectors) {
      end = multiply_set(
          list, block + first * 16, adds, tile + row * tile_stride + first * 16, tile_stride,
          vectors);
    }
    list = end;
  }
}

// 32 registers of sixteen numbers hold the sums of a set; fewer or shorter ones hold a part.
#define cnn_training_multiply_sparse_sets_wide(...) multiply_sets(__VA_ARGS__, VECTORS)
#define cnn_training_multiply_sparse_sets_body(...) multiply_sets(__VA_ARGS__, 1)

CNN_DISPATCH_WIDE(
    void, cnn_training_multiply_sparse_sets,
    (const cnn_training_sparse_word *list, long row_count, const float *block, int adds,
     float *tile, long tile_stride, cnn_training_prefetch weights, cnn_training_prefetch moments),
    (list, row_count, block, adds, tile, tile_stride, weights, moments))

// Sixteen partial sums in an order of their own, the same for every instruction set.
CNN_INLINE double cnn_training_squared_sum_body(const float *values, long count) {
  double sums[16] = {0};
  long index = 0;
  for (; index + 16 <= count; index += 16) {
    for (int lane = 0; lane < 16; lane++) {
      const double value = values[index + lane];
      sums[lane] += value * value;
    }
  }
  double sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += sums[lane];
  for (; index < count; index++) sum += (double)values[index] * values[index];
  return sum;
}

CNN_DISPATCH(
    double, cnn_training_squared_sum, (const float *values, long count), (values, count))
