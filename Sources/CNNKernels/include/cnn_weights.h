#ifndef CNN_WEIGHTS_H
#define CNN_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The weights of a convolution as they lie in memory, and where they are packed to. Element
/// (output, input, y, x) is the 32-bit float at byte address source + 4 * (output * output_stride +
/// input * input_stride + (y * width + x) * tap_stride), which may be any address.
struct cnn_weights {
  const void *source;
  ptrdiff_t output_stride, input_stride, tap_stride;
  /// Output channels, and input channels of a group.
  ptrdiff_t outputs, inputs;
  /// Taps of the kernel, height * width.
  ptrdiff_t taps;
  /// For Winograd's forms: rows (and columns) of the kernel, and of results in a tile.
  ptrdiff_t kernel, tile_results;
  /// Output channels of a group; each group is filled up to whole blocks.
  ptrdiff_t group_outputs;
  /// A factor for each output, or NULL.
  const double *factors;
  /// Panel elements; written. [output blocks][input blocks][taps][16 inputs][16 outputs] for a
  /// blocked map, [output blocks][inputs][taps][16 outputs] for a planar one,
  /// [output blocks][points][input blocks * 16][16 outputs] for Winograd's forms. In bfloat16 the
  /// inputs go in pairs: [inputs / 2][16 outputs][2 inputs].
  void *packed;
  /// The output block that lies first in `packed`.
  ptrdiff_t first_block;
};

#endif
