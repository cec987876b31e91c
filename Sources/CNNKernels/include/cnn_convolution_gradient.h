/// The gradients of the weights of convolutions, and weights on their way into the orders that a
/// training step reads. The gradient of an input is itself a convolution, of the gradient of the
/// result with the transposed weights: `struct cnn_convolution` once for each phase of the stride,
/// or `struct cnn_winograd`.
#ifndef CNN_CONVOLUTION_GRADIENT_H
#define CNN_CONVOLUTION_GRADIENT_H

#include <stdbool.h>
#include <stddef.h>

/// The gradient of a convolution's weights by its definition:
/// result[o][i][tap] = sum over pictures and pixels of
///   input[i][pixel * stride + tap - padding] * gradient[o][pixel].
///
/// A tap visits only those pixels whose input lies inside the map, so a blocked map needs no padding
/// and no product with zero is computed. The products of a chunk, which is some rows or some whole
/// pictures, are added up in registers, and the sums of the chunks are added in their order. A chain
/// of additions is no longer than the pixels of a chunk, which keeps the rounding error small. What a
/// chunk is must depend on the layer alone, or the bits of the result change.
struct cnn_weight_gradient {
  /// A blocked map of groups * group_input_blocks blocks; for `weight_gradient_planar` a map
  /// [channels][height][width] that is padded already: there `top` and `left` are ignored.
  const float *input;
  ptrdiff_t input_picture_stride;
  ptrdiff_t height, width;
  /// The gradient of the result, a blocked map.
  const float *gradient;
  ptrdiff_t gradient_picture_stride;
  ptrdiff_t output_height, output_width;
  ptrdiff_t kernel_rows, kernel_columns, row_stride, column_stride, top, left;
  ptrdiff_t pictures;
  /// Blocks of a group; for `weight_gradient_planar` the input channels, and all output blocks.
  ptrdiff_t group_input_blocks, group_output_blocks;
  /// Rows of a chunk; all rows where a chunk has more than one picture.
  ptrdiff_t chunk_rows, chunk_pictures;
  /// Written in full, like packed weights: [output blocks][group input blocks][taps][16 inputs]
  /// [16 outputs], or [output blocks][channels][taps][16 outputs] for a planar map.
  float *result;
};

/// The gradient of the weights of a 3x3 convolution of stride 1 by Winograd's minimal filtering
/// F(3x3, 4x4): transform back (sum over tiles of transformed input * transformed gradient).
///
/// The first factor is what `winograd_transform` writes for F(4x4, 3x3) with all tiles of a chunk in
/// one tile group, the second what `winograd_gradient_transform` writes. A chunk of tiles is
/// transformed at a time, `tiles` tiles from `first_tile` on, and the results of the chunks are added
/// in their order. The chunks must depend on the layer alone, or the bits of the result change.
struct cnn_winograd_gradient {
  /// The gradient of the convolution's result, a blocked map.
  const float *gradient;
  ptrdiff_t gradient_picture_stride;
  ptrdiff_t output_height, output_width, tile_rows, tile_columns;
  /// The chunk, and the number of tiles for which there is room.
  ptrdiff_t first_tile, tiles, group_tiles;
  ptrdiff_t group_input_blocks, group_output_blocks;
  /// [36 points][input blocks][group_tiles][16], and the distance between two points.
  const float *transformed_input;
  ptrdiff_t input_point_stride;
  /// [36 points][output blocks][group_tiles][16], and the distance between two points; written by
  /// `winograd_gradient_transform`, read by `winograd_gradient_multiply`.
  float *transformed_gradient;
  ptrdiff_t gradient_point_stride;
  /// [output blocks][group input blocks][9 taps][16 inputs][16 outputs]; written.
  float *result;
  /// Whether `result` holds the sums of earlier chunks, to which this one is added.
  bool adds;
};

/// The most taps of a kernel that `struct cnn_tap_packing` may have where the source is not blocked:
/// those of 11x11, as in AlexNet. A copy of 16x16 channels lies on the stack.
enum { CNN_PACKING_TAPS = 121 };

/// The weights of a convolution on their way into the order of a kernel, in each training step.
/// Other than `struct cnn_weights` it reads whole vectors, packs for the gradient of the input too,
/// and selects taps.
struct cnn_tap_packing {
  /// [groups * group_outputs][group_inputs][source_taps]; or, where `is_blocked`, what
  /// `weight_gradient` writes and `pack_taps` packs of all taps: [output blocks][group input blocks]
  /// [source_taps][16 inputs][16 outputs].
  const float *source;
  bool is_blocked;
  ptrdiff_t groups, group_outputs, group_inputs, source_taps;
  /// The taps of the source that are packed, in this order. `pack_winograd_taps` ignores them and
  /// packs all nine.
  const ptrdiff_t *taps;
  ptrdiff_t tap_count;
  /// Whether inputs and outputs change places, as the gradient of the input needs it.
  /// `pack_winograd_taps` then also turns the kernel by half a turn; for `pack_taps` the order of
  /// `taps` does.
  bool transposes;
  /// Written. `pack_taps`: [output blocks][group input blocks][tap_count][16 inputs][16 outputs];
  /// `pack_winograd_taps`: [output blocks][36 points][group inputs, filled up to blocks][16 outputs].
  /// Where `transposes`, inputs and outputs are those of the gradient's convolution.
  float *packed;
};

/// The gradient of a convolution's weights, or the weights, on the way back from blocks.
struct cnn_tap_unpacking {
  /// [output blocks][group input blocks][taps][16 inputs][16 outputs].
  const float *packed;
  ptrdiff_t groups, group_outputs, group_inputs, taps;
  /// [groups * group_outputs][group_inputs][taps]; written.
  float *result;
};

#endif
