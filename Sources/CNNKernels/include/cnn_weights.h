#ifndef CNN_WEIGHTS_H
#define CNN_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The weights of a convolution as they lie in memory: element (output, input, y, x) is at byte
/// address source + 4 * (output * output_stride + input * input_stride + (y * width + x) *
/// place_stride), which need not be aligned.
struct cnn_weights {
  const void *source;
  ptrdiff_t output_stride, input_stride, place_stride;
  /// Output channels, and input channels of a group.
  ptrdiff_t outputs, inputs;
  /// Places of the kernel, kH * kW.
  ptrdiff_t places;
  /// For Winograd's forms: rows and columns of the kernel, and of results in a tile.
  ptrdiff_t kernel, tile_results;
  /// Output channels of a group; the groups are filled up to whole blocks.
  ptrdiff_t group_outputs;
  /// A factor for each output, or NULL.
  const double *factors;
  /// Panel numbers [output blocks][input blocks][places][16 inputs][16 outputs] for a blocked map,
  /// [output blocks][inputs][places][16 outputs] for a planar one,
  /// [output blocks][points][input blocks * 16][16 outputs] for Winograd. In bfloat16 the order is
  /// [inputs / 2][16 outputs][2 inputs].
  void *packed;
  /// The output block that lies first in `packed`.
  ptrdiff_t first_block;
};

#endif
