#include "cnn_training_kernels.h"
#include "dispatch.h"

// Sixteen-lane sums a and b become one vector of two eight-lane sums, then four of four, eight of
// two: a tree that needs three instructions for two sums.
#define HALVES(a, b)                                                                    \
  (__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) + \
   __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#define QUARTERS(a, b)                                                                  \
  (__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) + \
   __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))
#define EIGHTHS(a, b)                                                                   \
  (__builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) + \
   __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31))

// The lanes' sums of eight vectors, each pair of lanes still to be added.
CNN_INLINE cnn_register pairs(const cnn_register *sums) {
  const cnn_register low = QUARTERS(HALVES(sums[0], sums[1]), HALVES(sums[2], sums[3]));
  const cnn_register high = QUARTERS(HALVES(sums[4], sums[5]), HALVES(sums[6], sums[7]));
  return EIGHTHS(low, high);
}

enum { GROUP = 12 };

// The scalar products of one weight row with `count` pictures, at most twelve; each load of the
// weight serves all of them.
CNN_INLINE void kept_group(
    const float *weights, const float *block, const int *pictures, const int count,
    float *result) {
  cnn_register sums[16] = {0};
  const cnn_vector *rows[GROUP];
  for (int k = 0; k < count; k++) {
    rows[k] = (const cnn_vector *)(block + (long)pictures[k] * CNN_TRAINING_KEPT_DEPTH);
  }
  for (int index = 0; index < CNN_TRAINING_KEPT_DEPTH / 16; index++) {
    const cnn_register weight = ((const cnn_vector *)weights)[index];
#pragma clang loop unroll(full)
    for (int k = 0; k < count; k++) sums[k] += weight * rows[k][index];
  }
  const cnn_register first = pairs(sums);
  for (int k = 0; k < count && k < 8; k++) {
    result[pictures[k]] += first[2 * k] + first[2 * k + 1];
  }
  if (count <= 8) return;
  const cnn_register second = pairs(sums + 8);
  for (int k = 8; k < count; k++) {
    result[pictures[k]] += second[2 * k - 16] + second[2 * k - 15];
  }
}

CNN_INLINE void kept_row(
    const float *weight, const float *block, const int *pictures, int count, float *result) {
  switch (count) {
    case 0: break;
    case 1: kept_group(weight, block, pictures, 1, result); break;
    case 2: kept_group(weight, block, pictures, 2, result); break;
    case 3: kept_group(weight, block, pictures, 3, result); break;
    case 4: kept_group(weight, block, pictures, 4, result); break;
    case 5: kept_group(weight, block, pictures, 5, result); break;
    case 6: kept_group(weight, block, pictures, 6, result); break;
    case 7: kept_group(weight, block, pictures, 7, result); break;
    case 8: kept_group(weight, block, pictures, 8, result); break;
    case 9: kept_group(weight, block, pictures, 9, result); break;
    case 10: kept_group(weight, block, pictures, 10, result); break;
    case 11: kept_group(weight, block, pictures, 11, result); break;
    default: kept_group(weight, block, pictures, GROUP, result);
  }
}

CNN_INLINE void cnn_training_add_kept_products_body(
    const float *weights, const cnn_training_kept_row *kept, long row_count, const float *block,
    float *result, long result_stride, cnn_training_prefetch next) {
  for (long index = 0; index < row_count; index++) {
    cnn_training_prefetch_row(next, index);
    const cnn_training_kept_row *list = kept + index;
    const float *weight = weights + (long)list->row * CNN_TRAINING_KEPT_DEPTH;
    float *target = result + (long)list->row * result_stride;
    int count = list->count;
    if (count > GROUP) {
      // Two groups of like size: one of a single picture would wait for its own sums.
      kept_row(weight, block, list->pictures + 8, count - 8, target);
      count = 8;
    }
    kept_row(weight, block, list->pictures, count, target);
  }
}

CNN_DISPATCH(
    void, cnn_training_add_kept_products,
    (const float *weights, const cnn_training_kept_row *kept, long row_count, const float *block,
     float *result, long result_stride, cnn_training_prefetch next),
    (weights, kept, row_count, block, result, result_stride, next))

void cnn_training_list_kept(
    const unsigned short *masks, long row_count, cnn_training_kept_row *kept) {
  long position = 0;
  for (int count = 0; count <= CNN_TRAINING_KEPT_PICTURES; count++) {
    for (long row = 0; row < row_count; row++) {
      if (__builtin_popcount(masks[row]) != count) continue;
      cnn_training_kept_row *list = kept + position++;
      list->row = (int)row;
      list->count = 0;
      for (unsigned mask = masks[row]; mask; mask &= mask - 1) {
        list->pictures[list->count++] = __builtin_ctz(mask);
      }
    }
  }
}

int cnn_training_prefers_kept_products(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#else
  return 0;
#endif
}
