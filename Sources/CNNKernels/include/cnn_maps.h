#ifndef CNN_MAPS_H
#define CNN_MAPS_H

#include <stdbool.h>
#include <stddef.h>

/// A pooling of a blocked map: result (y, x) is computed from the input's rows
/// rows[2y] ..< rows[2y + 1] and columns columns[2x] ..< columns[2x + 1], which lie inside the map
/// and are not empty.
struct cnn_pooling {
  const float *input;
  ptrdiff_t input_picture_stride;
  ptrdiff_t input_height, input_width;
  /// Written.
  float *output;
  ptrdiff_t output_picture_stride;
  ptrdiff_t output_height, output_width;
  const ptrdiff_t *rows, *columns;
  /// Whether the mean is computed, and not the maximum.
  bool mean;
};

/// The backward pass of a maximum pooling of a blocked map. The gradient of a result goes to the
/// first of the largest inputs of its window, row by row. Where that is NaN, it goes nowhere.
struct cnn_pooling_gradient {
  /// The input of the forward pass.
  const float *input;
  ptrdiff_t input_picture_stride;
  ptrdiff_t input_height, input_width;
  /// The gradient of the result.
  const float *gradient;
  ptrdiff_t gradient_picture_stride;
  ptrdiff_t output_height, output_width;
  /// As in `struct cnn_pooling`; both sorted.
  const ptrdiff_t *rows, *columns;
  /// Written in full.
  float *input_gradient;
  ptrdiff_t input_gradient_picture_stride;
  /// Whether inputs that are not above zero receive none: the backward pass of the ReLU before the
  /// pooling, whose result `input` then is.
  bool relu;
};

/// The mean of the pixels of each channel of a blocked map, or its backward pass.
struct cnn_pixel_mean {
  /// Pixels of a channel.
  ptrdiff_t plane;
  /// The map; or, backward, the gradient of the mean, [blocks][16] for each picture.
  const float *input;
  ptrdiff_t input_picture_stride;
  /// The mean, [blocks][16] for each picture; or, backward, the gradient of the map. Written.
  float *output;
  ptrdiff_t output_picture_stride;
};

/// The pixels of a blocked map that a 1x1 convolution with a stride reads:
/// output[y][x] = input[y * row_stride][x * column_stride] in each channel.
struct cnn_subsampling {
  const float *input;
  ptrdiff_t input_picture_stride;
  ptrdiff_t height, width;
  /// Written.
  float *output;
  ptrdiff_t output_picture_stride;
  ptrdiff_t output_height, output_width;
  ptrdiff_t row_stride, column_stride;
};

/// The most blocks of channels that `struct cnn_response_norm` may have: their squares lie on the
/// stack.
enum { CNN_RESPONSE_NORM_BLOCKS = 64 };

/// Local response normalisation of a blocked map with the exponent 3/4:
/// output[c] = input[c] / (bias + alpha * sum of the squares of the channels c - radius ... c +
/// radius)^(3/4).
struct cnn_response_norm {
  const float *input;
  ptrdiff_t input_picture_stride;
  /// Written.
  float *output;
  ptrdiff_t output_picture_stride;
  /// Pixels of a channel, and blocks of channels, at most CNN_RESPONSE_NORM_BLOCKS.
  ptrdiff_t plane, blocks;
  /// Channels on each side that take part, at most 16.
  ptrdiff_t radius;
  float alpha, bias;
};

/// The sum of two blocked maps, then ReLU where asked for.
struct cnn_addition {
  const float *first, *second;
  ptrdiff_t first_picture_stride, second_picture_stride;
  /// Written.
  float *output;
  ptrdiff_t output_picture_stride;
  /// Pixels of a channel.
  ptrdiff_t plane;
  bool relu;
};

/// The same map blocked and planar, [channels][plane]: `to_blocked` writes the one, `to_planar` the
/// other.
struct cnn_rearrangement {
  float *blocked;
  ptrdiff_t blocked_picture_stride;
  float *planar;
  ptrdiff_t planar_picture_stride;
  /// Pixels of a channel.
  ptrdiff_t plane, channels;
};

#endif
