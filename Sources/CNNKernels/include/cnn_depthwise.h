#ifndef CNN_DEPTHWISE_H
#define CNN_DEPTHWISE_H

#include <stddef.h>

/// A depthwise convolution of a blocked map: each channel has a kernel of its own. A tap visits only
/// those pixels whose input lies inside the map, so the map is not padded.
struct cnn_depthwise {
  const float *input;
  ptrdiff_t input_picture_stride;
  ptrdiff_t height, width;
  ptrdiff_t kernel_rows, kernel_columns, row_stride, column_stride, top, left;
  /// [blocks][taps][16].
  const float *weight;
  /// [blocks][16].
  const float *bias;
  /// Bounds of the results: -infinity and infinity for none, 0 and infinity for ReLU, 0 and 6 for
  /// ReLU6.
  float floor, ceiling;
  /// A blocked map; written.
  float *output;
  ptrdiff_t output_picture_stride;
  ptrdiff_t output_height, output_width;
};

/// The most rows and columns that a kernel may have in `struct cnn_depthwise_gradient`: the taps
/// that reach a row are listed on the stack.
enum { CNN_DEPTHWISE_KERNEL = 16 };

/// The gradients of a depthwise convolution.
struct cnn_depthwise_gradient {
  /// The input of the forward pass; read for the gradient of the weights.
  const float *input;
  ptrdiff_t input_picture_stride;
  ptrdiff_t height, width;
  ptrdiff_t kernel_rows, kernel_columns, row_stride, column_stride, top, left;
  ptrdiff_t blocks;
  /// [blocks][taps][16]; read for the gradient of the input.
  const float *weight;
  /// The gradient of the result, a blocked map.
  const float *gradient;
  ptrdiff_t gradient_picture_stride;
  ptrdiff_t output_height, output_width;
  /// The gradient of the input, a blocked map; written in full by `depthwise_input_gradient`.
  float *input_gradient;
  ptrdiff_t input_gradient_picture_stride;
  /// What each picture contributes to the gradient of the weights, [pictures][blocks][taps][16];
  /// written by `depthwise_weight_gradient`, to be added up by `partial_sums`.
  float *partial;
};

/// Sums of arrays, added in their order:
/// result[k] = sum over n < count of source[n * source_stride + k].
struct cnn_partial_sums {
  const float *source;
  ptrdiff_t source_stride, count;
  /// Written.
  float *result;
};

#endif
