#ifndef CNN_CONVOLUTION_H
#define CNN_CONVOLUTION_H

#include <stdbool.h>
#include <stddef.h>

/// What happens to the sums of a convolution before they are stored: the bias is added, then the
/// residual, then ReLU is taken.
struct cnn_epilogue {
  /// One number for each output channel, filled up with zeros to whole blocks.
  const float *bias;
  /// A blocked map of the result's shape that is added, or NULL.
  const float *residual;
  /// Distance of two pictures of `residual`, in numbers.
  ptrdiff_t residual_picture_stride;
  bool relu;
};

/// A part of a layer that one thread computes.
struct cnn_unit {
  ptrdiff_t picture;
  /// Rows of the result; tiles of all pictures in Winograd's kernels.
  ptrdiff_t first, last;
  /// Blocks of channels.
  ptrdiff_t first_block, last_block;
  /// Memory that no other thread uses at the time.
  float *scratch;
};

/// A map as a direct convolution reads it: padded with zeros, and where the stride is above 1 with
/// each row split into its columns 0, s, 2s ..., then 1, s + 1, ..., so that the pixels under
/// neighbouring results are neighbours: [planes][padded_height][phases][phase_width][length].
struct cnn_padding {
  const float *input;
  ptrdiff_t input_picture_stride;
  /// Panel numbers, see cnn_kernels.panel_number_size.
  void *padded;
  ptrdiff_t padded_picture_stride;
  /// Numbers of a pixel: 16 in a blocked map, 1 in a planar one.
  ptrdiff_t length;
  ptrdiff_t height, width, top, left;
  ptrdiff_t padded_height, phases, phase_width;
  /// Rows r of the padded map with r % row_stride < kernel_rows are read; others are left out.
  ptrdiff_t row_stride, kernel_rows;
  ptrdiff_t column_stride;
};

/// A direct convolution: every sum is taken in the order of `offsets`.
struct cnn_convolution {
  /// A padded map in panel numbers, or a blocked map itself where these are the same, the kernel
  /// is 1x1 and the stride 1.
  const void *input;
  ptrdiff_t input_picture_stride;
  /// Distance of the inputs of two groups of channels, in numbers.
  ptrdiff_t input_group_stride;
  /// The row of results whose input lies first in `input`, and the distance of the next one's.
  ptrdiff_t first_row, input_row_stride;
  /// Numbers of a pixel, and of input channels that one offset stands for: 16 or 1.
  ptrdiff_t length;
  /// Where the input channels of each part of the kernel begin.
  const ptrdiff_t *offsets;
  ptrdiff_t chunks;
  /// Panel numbers [output blocks][chunks][length][16].
  const void *weight;
  float *output;
  ptrdiff_t output_picture_stride;
  ptrdiff_t output_height, output_width;
  /// Output blocks in a group of channels.
  ptrdiff_t group_blocks;
  struct cnn_epilogue epilogue;
};

/// A convolution of stride 1 by Winograd's minimal filtering: F(4x4, 3x3), F(2x2, 3x3) or
/// F(2x2, 5x5), named after the results in a tile and the kernel. A tile is computed from
/// (results + kernel - 1) rows and columns of inputs, by as many products: its points.
struct cnn_winograd {
  /// Rows and columns of results in a tile, and of the kernel.
  ptrdiff_t tile_results, kernel;
  const float *input;
  ptrdiff_t input_picture_stride;
  ptrdiff_t input_height, input_width, top, left;
  /// Input blocks of all groups, and the number of groups.
  ptrdiff_t input_blocks, groups;
  /// Panel numbers [points][tile groups][input blocks][group_tiles][16].
  void *transformed;
  /// Tiles in a group, at most cnn_kernels.winograd_tiles.
  ptrdiff_t group_tiles;
  /// Distance of two points, in numbers.
  ptrdiff_t point_stride;
  /// The tile that lies first in `transformed`.
  ptrdiff_t first_tile;
  /// Panel numbers [output blocks][points][input channels of a group][16].
  const void *weight;
  /// The output block that lies first in `weight`.
  ptrdiff_t weight_first_block;
  float *output;
  ptrdiff_t output_picture_stride;
  ptrdiff_t output_height, output_width, output_blocks;
  ptrdiff_t tile_rows, tile_columns;
  /// Whether the largest of each 2x2 results is stored in their place.
  bool pool;
  struct cnn_epilogue epilogue;
};

#endif
