#ifndef CNN_LINEAR_H
#define CNN_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

/// How the numbers of a packed weight are stored; all sums are taken in 32 bits.
enum cnn_storage {
  CNN_STORAGE_FLOAT32,
  /// IEEE 754 half precision: finite numbers up to 65504.
  CNN_STORAGE_FLOAT16,
  /// The upper half of a 32-bit number.
  CNN_STORAGE_BFLOAT16,
};

/// A product of pictures with a weight:
/// output[n][o] = bias[o] + sum over i of input[n][i] * weight of o and i.
struct cnn_linear {
  ptrdiff_t pictures, inputs, outputs;
  /// [pictures][inputs].
  const float *input;
  /// At any address: [outputs][inputs] for `linear_rows`, [inputs][outputs] for `linear_columns`,
  /// what `linear_pack` wrote for `linear_packed`.
  const void *weight;
  /// What a packed weight is stored as; the others are 32-bit numbers.
  enum cnn_storage storage;
  /// One number for each output, or NULL.
  const float *bias;
  /// [pictures][outputs].
  float *output;
  bool relu;
};

/// The rearrangement of a weight into panels [panels][inputs][cnn_kernels.linear_panel], the last
/// panel filled up with zeros, each number rounded to the nearest of its storage.
struct cnn_linear_packing {
  ptrdiff_t inputs, outputs;
  /// 32-bit numbers at any address.
  const void *source;
  /// Whether the source is [inputs][outputs] and not [outputs][inputs].
  bool inputs_first;
  enum cnn_storage storage;
  void *packed;
};

#endif
