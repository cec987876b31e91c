#ifndef CNN_LINEAR_H
#define CNN_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

/// How the elements of a packed weight are stored; all sums are taken in 32 bits.
enum cnn_storage {
  CNN_STORAGE_FLOAT32,
  /// IEEE 754 half precision: finite values up to 65504.
  CNN_STORAGE_FLOAT16,
  /// The upper half of a 32-bit float.
  CNN_STORAGE_BFLOAT16,
};

/// The product of inputs with a weight:
/// output[n][o] = bias[o] + sum over i of input[n][i] * weight of o and i, then ReLU where asked for.
struct cnn_linear {
  ptrdiff_t pictures, inputs, outputs;
  /// [pictures][inputs].
  const float *input;
  /// At any address: 32-bit floats [outputs][inputs] for `linear_rows`, [inputs][outputs] for
  /// `linear_columns`; what `linear_pack` wrote for `linear_packed`.
  const void *weight;
  /// How a packed weight is stored.
  enum cnn_storage storage;
  /// One element for each output, or NULL.
  const float *bias;
  /// [pictures][outputs]; written.
  float *output;
  bool relu;
};

/// The copy of a weight in panels [panels][inputs][cnn_kernels.linear_panel], the last panel filled
/// up with zeros, each element rounded to the nearest of its storage.
struct cnn_linear_packing {
  ptrdiff_t inputs, outputs;
  /// 32-bit floats at any address.
  const void *source;
  /// Whether the source is [inputs][outputs] and not [outputs][inputs].
  bool inputs_first;
  enum cnn_storage storage;
  /// Written.
  void *packed;
};

#endif
