/// Batch normalisation with the statistics of the batch (Ioffe, Szegedy, "Batch Normalization",
/// arXiv 1502.03167), forward and backward. ReLU or ReLU6 behind it, and the residual that is added
/// before ReLU, are part of the same pass over the map.
#ifndef CNN_BATCH_NORM_H
#define CNN_BATCH_NORM_H

#include <stdbool.h>
#include <stddef.h>

/// Forward: `batch_norm_sums`, `batch_norm_finish`, `batch_norm_forward`.
///
/// Arrays of a value for each channel are [blocks][16].
struct cnn_batch_norm {
  /// `plane` is the number of pixels of a channel.
  ptrdiff_t pictures, plane, blocks;
  /// A blocked map.
  const float *input;
  ptrdiff_t input_picture_stride;
  /// [pictures][blocks][2][16]: for each channel the sum of the inputs and that of their squares in
  /// each picture. Written by `batch_norm_sums`, read by `batch_norm_finish`.
  double *sums;
  const float *gamma, *beta;
  float epsilon;
  /// Mean and biased variance of each channel in the batch, 1 / sqrt(variance + epsilon), and gamma
  /// times that. Written by `batch_norm_finish`.
  float *mean, *variance, *inverse, *factor;
  /// Blocked maps. Written: output = min(ceiling, relu((input - mean) * factor + beta + residual)).
  float *output;
  ptrdiff_t output_picture_stride;
  /// NULL for none.
  const float *residual;
  ptrdiff_t residual_picture_stride;
  bool relu;
  /// 6 for ReLU6, else infinity.
  float ceiling;
};

/// Backward: `batch_norm_gradient_sums`, `batch_norm_finish_gradient`, `batch_norm_backward`.
///
/// With x = (input - mean) * inverse and g the gradient of the output, which is zero where ReLU or
/// its ceiling cut the output off, in a batch of M elements of each channel:
///   gradient of gamma = sum of g * x,   gradient of beta = sum of g,
///   gradient of the input = factor * (g - (sum of g) / M - x * (sum of g * x) / M).
struct cnn_batch_norm_gradient {
  ptrdiff_t pictures, plane, blocks;
  /// The input of the forward pass.
  const float *input;
  ptrdiff_t input_picture_stride;
  /// Of the forward pass.
  const float *beta, *mean, *inverse, *factor;
  /// The gradient of the output, a blocked map.
  const float *gradient;
  ptrdiff_t gradient_picture_stride;
  /// Whether ReLU follows, and its ceiling, as in the forward pass.
  bool relu;
  float ceiling;
  /// The output of the forward pass, which says where ReLU cut off; or NULL: then it is computed
  /// again from the input, which is one map less to read, but right only without a residual.
  const float *mask;
  ptrdiff_t mask_picture_stride;
  /// Where `batch_norm_gradient_sums` stores g, for the branch of the residual, or NULL. May be
  /// `gradient` itself.
  float *masked;
  ptrdiff_t masked_picture_stride;
  /// [pictures][blocks][2][16]: for each channel the sum of g and that of g * x in each picture.
  /// Written by `batch_norm_gradient_sums`, read by `batch_norm_finish_gradient`.
  double *sums;
  /// The gradients of gamma and beta, and the two sums divided by M. Written by
  /// `batch_norm_finish_gradient`.
  float *gamma_gradient, *beta_gradient, *gradient_mean, *product_mean;
  /// Written by `batch_norm_backward`; may be `gradient` itself, which is a third faster than
  /// another map.
  float *input_gradient;
  ptrdiff_t input_gradient_picture_stride;
};

#endif
