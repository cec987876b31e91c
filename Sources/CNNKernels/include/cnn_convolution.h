#ifndef CNN_CONVOLUTION_H
#define CNN_CONVOLUTION_H

#include <stdbool.h>
#include <stddef.h>

/// What is done to the sums of a convolution before they are stored: the bias is added, then the
/// residual, then the mask is applied, then ReLU.
struct cnn_epilogue {
  /// One element for each output channel, filled up with zeros to whole blocks.
  const float *bias;
  /// A blocked map of the result's shape that is added, or NULL.
  const float *residual;
  /// Distance between two pictures of `residual`.
  ptrdiff_t residual_picture_stride;
  /// A blocked map of the result's shape, or NULL: results are set to zero where it is not above
  /// zero. Where the result is a gradient and the map the saved output of a ReLU, that is the
  /// backward pass of the ReLU. Ignored by a Winograd layer that pools.
  const float *mask;
  ptrdiff_t mask_picture_stride;
  bool relu;
};

/// A part of a layer that one thread computes; `struct cnn_kernels` says which fields a kernel reads.
struct cnn_unit {
  ptrdiff_t picture;
  /// Rows of the result, pixels, or tiles of all pictures.
  ptrdiff_t first, last;
  /// Blocks of channels.
  ptrdiff_t first_block, last_block;
  /// Memory that no other thread uses at the time.
  float *scratch;
};

/// The copy of a map that a direct convolution reads: padded with zeros, and where the column stride
/// s is above 1 with each row split into phases: its columns 0, s, 2s ..., then 1, s + 1, ... So the
/// pixels under neighbouring results are neighbours:
/// [planes][padded_height][phases][phase_width][length].
struct cnn_padding {
  /// Blocked (`length` 16) or planar (`length` 1), [planes][height][width][length].
  const float *input;
  ptrdiff_t input_picture_stride;
  /// Panel elements, see `cnn_kernels.panel_element_size`. Written in full, except for the rows that
  /// are never read.
  void *padded;
  ptrdiff_t padded_picture_stride;
  /// Elements of a pixel: 16 in a blocked map, 1 in a planar one.
  ptrdiff_t length;
  ptrdiff_t height, width, top, left;
  ptrdiff_t padded_height, phases, phase_width;
  /// Rows r of the padded map with r % row_stride < kernel_rows are read; others are not written.
  ptrdiff_t row_stride, kernel_rows;
  ptrdiff_t column_stride;
};

/// A convolution by its definition. Each sum adds up its products in the order of `offsets`.
struct cnn_convolution {
  /// A padded map in panel elements; or a blocked map itself where its elements are panel elements,
  /// the kernel is 1x1 and the stride 1.
  const void *input;
  ptrdiff_t input_picture_stride;
  /// Distance between the inputs of two groups of channels.
  ptrdiff_t input_group_stride;
  /// The row of results whose input lies first in `input`, and the distance to the next one's.
  ptrdiff_t first_row, input_row_stride;
  /// Elements of a pixel, and input channels of a chunk: 16 or 1.
  ptrdiff_t length;
  /// For each chunk, which is one kernel tap of `length` input channels, the distance from the input
  /// under the first result of a row.
  const ptrdiff_t *offsets;
  ptrdiff_t chunks;
  /// Panel elements [output blocks][chunks][length][16].
  const void *weight;
  /// A blocked map, or some of the pixels of one; written.
  float *output;
  ptrdiff_t output_picture_stride;
  /// Results in a row.
  ptrdiff_t output_width;
  /// Distances between two results of a row, two rows, and two blocks; also those of the residual
  /// and of the mask. 16, 16 * width and 16 * width * height in a whole map; more where the results
  /// are one phase of it, as in the gradient of the input of a convolution with a stride.
  ptrdiff_t output_pixel_stride, output_row_stride, output_plane_stride;
  /// Output blocks in a group of channels.
  ptrdiff_t group_blocks;
  struct cnn_epilogue epilogue;
};

/// A convolution of stride 1 by Winograd's minimal filtering. The forms are F(4x4, 3x3),
/// F(2x2, 3x3) and F(2x2, 5x5), named after the results of a tile and the kernel. A tile has
/// (results + kernel - 1)^2 inputs and takes as many products for each pair of channels: its points.
struct cnn_winograd {
  /// Rows (and columns) of results in a tile, and of the kernel.
  ptrdiff_t tile_results, kernel;
  /// A blocked map.
  const float *input;
  ptrdiff_t input_picture_stride;
  ptrdiff_t input_height, input_width, top, left;
  /// Input blocks of all groups of channels, and the number of groups.
  ptrdiff_t input_blocks, groups;
  /// Panel elements [points][tile groups][input blocks][group_tiles][16]; written by
  /// `winograd_transform`, read by `winograd_multiply`.
  void *transformed;
  /// Tiles in a group, at most `cnn_kernels.winograd_tiles`.
  ptrdiff_t group_tiles;
  /// Distance between two points of `transformed`.
  ptrdiff_t point_stride;
  /// The tile that lies first in `transformed`.
  ptrdiff_t first_tile;
  /// Panel elements [output blocks][points][input channels of a group][16].
  const void *weight;
  /// The output block that lies first in `weight`.
  ptrdiff_t weight_first_block;
  /// A blocked map; written.
  float *output;
  ptrdiff_t output_picture_stride;
  /// Size before pooling.
  ptrdiff_t output_height, output_width, output_blocks;
  ptrdiff_t tile_rows, tile_columns;
  /// Whether only the largest of each 2x2 results is stored, in a map of half the height and width.
  bool pool;
  struct cnn_epilogue epilogue;
};

#endif
