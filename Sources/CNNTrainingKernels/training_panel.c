#include "cnn_training_kernels.h"

#include "dispatch.h"

enum { VECTORS = CNN_TRAINING_BLOCK / 16 };

// Every value of the left factor is used for 96 neighbours, whose sums stay in registers; what
// the zeros would add is never computed. Dropout and ReLU leave a quarter of the values.
CNN_INLINE void cnn_training_multiply_sparse_rows_body(
    cnn_training_sparse_rows rows, long row_count, const float *block, int adds, float *tile,
    long tile_stride, cnn_training_prefetch weights, cnn_training_prefetch moments) {
  for (long row = 0; row < row_count; row++) {
    cnn_training_prefetch_row(weights, row);
    cnn_training_prefetch_row(moments, row);
    const int begin = rows.starts[row * rows.stride], end = rows.starts[row * rows.stride + 1];
    if (adds && begin == end) continue;
    cnn_vector *target = (cnn_vector *)(tile + row * tile_stride);
    cnn_register sums[VECTORS];
    UNROLL
    for (int v = 0; v < VECTORS; v++) sums[v] = adds ? target[v] : (cnn_register){0};
    for (int k = begin; k < end; k++) {
      const cnn_vector *source =
          (const cnn_vector *)(block + (long)rows.pictures[k] * CNN_TRAINING_BLOCK);
      const float value = rows.values[k];
      UNROLL
      for (int v = 0; v < VECTORS; v++) sums[v] += value * source[v];
    }
    UNROLL
    for (int v = 0; v < VECTORS; v++) target[v] = sums[v];
  }
}

CNN_DISPATCH(
    void, cnn_training_multiply_sparse_rows,
    (cnn_training_sparse_rows rows, long row_count, const float *block, int adds, float *tile,
     long tile_stride, cnn_training_prefetch weights, cnn_training_prefetch moments),
    (rows, row_count, block, adds, tile, tile_stride, weights, moments))

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
