// Linear layers with a weight [outputs][inputs]: scalar products of its rows with the inputs.

#include "linear_tile.h"

/// sums[row][p] += the products of the inputs begin ..< end, one chain of additions for each lane: over
/// n inputs n / LANES products. Meanwhile the part of the weight at `next`, which is read next, is
/// requested from memory.
ALWAYS_INLINE void linear_dot(
    const int ROWS, const int PICTURES, const float *input, ptrdiff_t input_stride,
    const char *weight, ptrdiff_t weight_stride, const char *next, ptrdiff_t begin, ptrdiff_t end,
    vector *sums, ptrdiff_t sums_stride) {
  vector tile[LINEAR_VECTORS][LINEAR_PICTURES];
  UNROLL
  for (int row = 0; row < ROWS; row++) {
    UNROLL
    for (int p = 0; p < PICTURES; p++) tile[row][p] = sums[row * sums_stride + p];
  }
  ptrdiff_t i = begin;
  NO_UNROLL
  for (; i + LANES <= end; i += LANES) {
    vector values[LINEAR_PICTURES];
    UNROLL
    for (int p = 0; p < PICTURES; p++) values[p] = vector_load(input + p * input_stride + i);
    UNROLL
    for (int row = 0; row < ROWS; row++) {
      const vector weights = linear_load(weight + row * weight_stride + i * sizeof(float));
      LINEAR_PREFETCH(next + row * weight_stride + (i - begin) * sizeof(float));
      UNROLL
      for (int p = 0; p < PICTURES; p++) {
        tile[row][p] = vector_multiply_add(values[p], weights, tile[row][p]);
      }
    }
  }
  if (i < end) {
    UNROLL
    for (int row = 0; row < ROWS; row++) {
      const vector weights =
          linear_load_some(weight + row * weight_stride + i * sizeof(float), end - i);
      UNROLL
      for (int p = 0; p < PICTURES; p++) {
        const vector value =
            linear_load_some((const char *)(input + p * input_stride + i), end - i);
        tile[row][p] = vector_multiply_add(value, weights, tile[row][p]);
      }
    }
  }
  UNROLL
  for (int row = 0; row < ROWS; row++) {
    UNROLL
    for (int p = 0; p < PICTURES; p++) sums[row * sums_stride + p] = tile[row][p];
  }
}

typedef void linear_dot_function(
    const float *input, ptrdiff_t input_stride, const char *weight, ptrdiff_t weight_stride,
    const char *next, ptrdiff_t begin, ptrdiff_t end, vector *sums, ptrdiff_t sums_stride);

#define LINEAR_DOT(pictures)                                                                   \
  static void linear_dot_1x##pictures(                                                         \
      const float *input, ptrdiff_t input_stride, const char *weight,                          \
      ptrdiff_t weight_stride, const char *next, ptrdiff_t begin, ptrdiff_t end, vector *sums, \
      ptrdiff_t sums_stride) {                                                                 \
    linear_dot(                                                                                \
        1, pictures, input, input_stride, weight, weight_stride, next, begin, end, sums,       \
        sums_stride);                                                                          \
  }                                                                                            \
  static void linear_dot_4x##pictures(                                                         \
      const float *input, ptrdiff_t input_stride, const char *weight,                          \
      ptrdiff_t weight_stride, const char *next, ptrdiff_t begin, ptrdiff_t end, vector *sums, \
      ptrdiff_t sums_stride) {                                                                 \
    linear_dot(                                                                                \
        LINEAR_VECTORS, pictures, input, input_stride, weight, weight_stride, next, begin, end, \
        sums, sums_stride);                                                                    \
  }
LINEAR_PICTURE_COUNTS(LINEAR_DOT)
#undef LINEAR_DOT

/// The sum of the lanes, always in the same order.
ALWAYS_INLINE float linear_fold(vector sums) {
  float lanes[LANES];
  vector_store(lanes, sums);
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

// Rows that share the pictures' inputs while these lie in a cache, and the inputs that are multiplied
// with all of these rows before the next ones: 16 pictures' are 256 KiB of a level 2 cache.
enum { LINEAR_UNIT_ROWS = 16, LINEAR_INPUT_BLOCK = 4096 };

/// Computes the outputs first ..< last, at most LINEAR_UNIT_ROWS, of at most LINEAR_BATCH pictures.
static void linear_rows_unit(
    const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last, ptrdiff_t first_picture,
    ptrdiff_t pictures) {
#define ENTRY(pictures) {linear_dot_1x##pictures, linear_dot_4x##pictures},
  static linear_dot_function *const table[LINEAR_PICTURES][2] = {LINEAR_PICTURE_COUNTS(ENTRY)};
#undef ENTRY
  vector sums[LINEAR_UNIT_ROWS][LINEAR_BATCH];
  memset(sums, 0, sizeof sums);
  const ptrdiff_t inputs = layer->inputs, stride = inputs * sizeof(float);
  const ptrdiff_t block = pictures == 1 ? inputs : LINEAR_INPUT_BLOCK;
  const float *input = layer->input + first_picture * inputs;
  const char *weight = (const char *)layer->weight;
  for (ptrdiff_t begin = 0; begin < inputs; begin += block) {
    const ptrdiff_t end = begin + block < inputs ? begin + block : inputs;
    ptrdiff_t rows;
    for (ptrdiff_t row = first; row < last; row += rows) {
      rows = last - row < LINEAR_VECTORS ? 1 : LINEAR_VECTORS;
      const char *next = row + rows < last ? weight + (row + rows) * stride + begin * sizeof(float)
                                           : weight + first * stride + end * sizeof(float);
      ptrdiff_t tile;
      for (ptrdiff_t picture = 0; picture < pictures; picture += tile) {
        tile = linear_tile_pictures(picture, pictures);
        const bool is_last = picture + tile == pictures;
        table[tile - 1][rows > 1](
            input + picture * inputs, inputs, weight + row * stride, stride,
            is_last ? next : weight + row * stride, begin, end, &sums[row - first][picture],
            LINEAR_BATCH);
      }
    }
  }
  for (ptrdiff_t picture = 0; picture < pictures; picture++) {
    for (ptrdiff_t row = first; row < last; row++) {
      layer->output[(first_picture + picture) * layer->outputs + row] =
          linear_finish(layer, row, linear_fold(sums[row - first][picture]));
    }
  }
}

/// Computes the outputs first ..< last.
static void linear_rows(const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t row = first; row < last; row += LINEAR_UNIT_ROWS) {
    const ptrdiff_t end = row + LINEAR_UNIT_ROWS < last ? row + LINEAR_UNIT_ROWS : last;
    for (ptrdiff_t picture = 0; picture < layer->pictures; picture += LINEAR_BATCH) {
      linear_rows_unit(layer, row, end, picture, linear_batch(layer, picture));
    }
  }
}
