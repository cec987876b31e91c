/// The inner loops of inference and training that need SIMD instructions.
///
/// Feature maps are "blocked" (NCHW16c): [pictures][ceil(channels / 16)][rows * columns][16], the
/// last block filled up with zeros. The blocks of one picture lie together; the distance between two
/// pictures is an argument, so a map can be some of the channels of a wider one.
///
/// Nothing here allocates, starts threads or keeps state. A kernel computes some of the work units
/// of a layer, and the caller decides which thread computes which. Every result is one fixed
/// sequence of operations whichever unit it belongs to, so its bits depend on neither the number of
/// threads nor the number of pictures.
///
/// Sizes, strides and offsets count elements unless a comment says bytes. Pointers to elements need
/// the alignment of their type only, except where a comment says more or "at any address".
#ifndef CNN_KERNELS_H
#define CNN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Channels in a block of a blocked map.
enum { CNN_BLOCK = 16 };

#include "cnn_batch_norm.h"
#include "cnn_convolution.h"
#include "cnn_convolution_gradient.h"
#include "cnn_depthwise.h"
#include "cnn_linear.h"
#include "cnn_maps.h"
#include "cnn_training.h"
#include "cnn_weights.h"

/// The instruction sets for which the kernels are compiled.
enum cnn_instruction_set {
  /// 128-bit vectors: SSE2, NEON.
  CNN_GENERIC,
  /// AVX2, FMA and F16C.
  CNN_AVX2,
  /// AVX-512 F, BW, DQ and VL.
  CNN_AVX512,
};

/// The kernels that multiply panels of inputs with panels of weights, or make such panels; they
/// exist with elements of 32 bits and with bfloat16 elements. KERNEL(result, name, parameters) is
/// expanded for each: this list and the next two make the members of `struct cnn_kernels` and the
/// table of each instruction set.
#define CNN_PANEL_KERNELS(KERNEL)                                                              \
  KERNEL(void, pad, (const struct cnn_padding *layer, struct cnn_unit unit))                   \
  KERNEL(void, convolve, (const struct cnn_convolution *layer, struct cnn_unit unit))          \
  KERNEL(void, winograd_transform, (const struct cnn_winograd *layer, struct cnn_unit unit))   \
  KERNEL(void, winograd_multiply, (const struct cnn_winograd *layer, struct cnn_unit unit))    \
  KERNEL(void, pack_blocked, (const struct cnn_weights *weights, struct cnn_unit unit))        \
  KERNEL(void, pack_winograd, (const struct cnn_weights *weights, struct cnn_unit unit))

/// The kernels that exist with elements of 32 bits only.
#define CNN_FLOAT_KERNELS(KERNEL)                                                              \
  KERNEL(void, pool, (const struct cnn_pooling *layer, struct cnn_unit unit))                  \
  KERNEL(void, response_norm, (const struct cnn_response_norm *layer, struct cnn_unit unit))   \
  KERNEL(void, add, (const struct cnn_addition *layer, struct cnn_unit unit))                  \
  KERNEL(void, depthwise, (const struct cnn_depthwise *layer, struct cnn_unit unit))           \
  KERNEL(void, subsample, (const struct cnn_subsampling *layer, struct cnn_unit unit))         \
  KERNEL(void, pixel_mean, (const struct cnn_pixel_mean *layer, struct cnn_unit unit))         \
  KERNEL(void, to_blocked, (const struct cnn_rearrangement *map, struct cnn_unit unit))        \
  KERNEL(void, to_planar, (const struct cnn_rearrangement *map, struct cnn_unit unit))         \
  KERNEL(void, pack_planar, (const struct cnn_weights *weights, struct cnn_unit unit))         \
  KERNEL(uint32_t, largest_magnitude, (const void *elements, ptrdiff_t count))                 \
  KERNEL(void, linear_rows, (const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last)) \
  KERNEL(                                                                                      \
      void, linear_columns, (const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last)) \
  KERNEL(                                                                                      \
      void, linear_packed, (const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last))  \
  KERNEL(                                                                                      \
      void, linear_pack,                                                                       \
      (const struct cnn_linear_packing *weight, ptrdiff_t first, ptrdiff_t last))              \
  KERNEL(void, multiply_add, (float *elements, ptrdiff_t rounds))

/// The kernels of training, with elements of 32 bits.
#define CNN_TRAINING_KERNELS(KERNEL)                                                           \
  KERNEL(                                                                                      \
      void, weight_gradient, (const struct cnn_weight_gradient *layer, struct cnn_unit unit))  \
  KERNEL(                                                                                      \
      void, weight_gradient_planar,                                                            \
      (const struct cnn_weight_gradient *layer, struct cnn_unit unit))                         \
  KERNEL(                                                                                      \
      void, winograd_gradient_transform,                                                       \
      (const struct cnn_winograd_gradient *layer, struct cnn_unit unit))                       \
  KERNEL(                                                                                      \
      void, winograd_gradient_multiply,                                                        \
      (const struct cnn_winograd_gradient *layer, struct cnn_unit unit))                       \
  KERNEL(void, pack_taps, (const struct cnn_tap_packing *weights, struct cnn_unit unit))       \
  KERNEL(                                                                                      \
      void, pack_winograd_taps, (const struct cnn_tap_packing *weights, struct cnn_unit unit)) \
  KERNEL(void, unpack_taps, (const struct cnn_tap_unpacking *weights, struct cnn_unit unit))   \
  KERNEL(                                                                                      \
      void, depthwise_input_gradient,                                                          \
      (const struct cnn_depthwise_gradient *layer, struct cnn_unit unit))                      \
  KERNEL(                                                                                      \
      void, depthwise_weight_gradient,                                                         \
      (const struct cnn_depthwise_gradient *layer, struct cnn_unit unit))                      \
  KERNEL(                                                                                      \
      void, partial_sums,                                                                      \
      (const struct cnn_partial_sums *arrays, ptrdiff_t first, ptrdiff_t last))                \
  KERNEL(void, batch_norm_sums, (const struct cnn_batch_norm *layer, struct cnn_unit unit))    \
  KERNEL(void, batch_norm_finish, (const struct cnn_batch_norm *layer, struct cnn_unit unit))  \
  KERNEL(void, batch_norm_forward, (const struct cnn_batch_norm *layer, struct cnn_unit unit)) \
  KERNEL(                                                                                      \
      void, batch_norm_gradient_sums,                                                          \
      (const struct cnn_batch_norm_gradient *layer, struct cnn_unit unit))                     \
  KERNEL(                                                                                      \
      void, batch_norm_finish_gradient,                                                        \
      (const struct cnn_batch_norm_gradient *layer, struct cnn_unit unit))                     \
  KERNEL(                                                                                      \
      void, batch_norm_backward,                                                               \
      (const struct cnn_batch_norm_gradient *layer, struct cnn_unit unit))                     \
  KERNEL(                                                                                      \
      void, max_pool_backward,                                                                 \
      (const struct cnn_pooling_gradient *layer, struct cnn_unit unit))                        \
  KERNEL(                                                                                      \
      void, pixel_mean_backward, (const struct cnn_pixel_mean *layer, struct cnn_unit unit))   \
  KERNEL(void, add_sparse_products, (const struct cnn_sparse_product *product))                \
  KERNEL(void, add_masked_products, (const struct cnn_masked_product *product))                \
  KERNEL(double, squared_sum, (const float *values, ptrdiff_t count))                          \
  KERNEL(                                                                                      \
      void, sgd_step,                                                                          \
      (const struct cnn_sgd *settings, float *weights, float *velocity, const float *gradient, \
       ptrdiff_t count))                                                                       \
  KERNEL(                                                                                      \
      void, adam_step,                                                                         \
      (const struct cnn_adam *settings, float *weights, float *first, float *second,           \
       const float *gradient, ptrdiff_t count))

/// The kernels of one instruction set.
///
/// Convolution. A unit's `picture`, `first` ..< `last` and `first_block` ..< `last_block` say which
/// part of the layer is computed; a field that is not named is ignored.
/// - pad: writes the padded map (see `struct cnn_padding`) of the blocks (or channels of a planar
///   map) `first_block` ..< `last_block` of one picture.
/// - convolve: the rows `first` ..< `last` of the output blocks of one picture.
/// - winograd_transform: writes the transformed input of the tiles `first` ..< `last` and the input
///   blocks `first_block` ..< `last_block`.
/// - winograd_multiply: the results of the tiles `first` ..< `last`, which have been transformed, in
///   the output blocks `first_block` ..< `last_block`. `first` is a whole number of tile groups
///   behind the layer's first tile. `scratch` has room for the products of two blocks:
///   points * tiles * 32 elements.
/// - pack_blocked, pack_planar, pack_winograd: write the packed weights of the output blocks
///   `first_block` ..< `last_block` (see `struct cnn_weights`).
///
/// Other layers of blocked maps, for one picture:
/// - pool: the rows `first` ..< `last` of the blocks `first_block` ..< `last_block`.
/// - response_norm: the pixels `first` ..< `last` of all blocks.
/// - add, to_blocked, to_planar, subsample, pixel_mean: the blocks `first_block` ..< `last_block`.
/// - depthwise: the rows `first` ..< `last` of the blocks `first_block` ..< `last_block`.
///
/// Linear layers; `first` ..< `last` are outputs for `linear_rows` and `linear_columns`, panels for
/// `linear_packed` and `linear_pack`.
///
/// Everything else:
/// - largest_magnitude: the largest bit pattern, without the signs, of `count` 32-bit floats at any
///   address; 0 for none. Read as unsigned integers, finite floats come before infinity, and
///   infinity before NaN.
/// - multiply_add: measures the processor. elements = elements * elements[0] + elements[0], `rounds`
///   times; `elements` are `multiply_add_elements` many.
///
/// Training of convolutions:
/// - weight_gradient: the gradients for the input blocks `first` ..< `last` of each group and the
///   output blocks `first_block` ..< `last_block`.
/// - weight_gradient_planar: the gradients for the kernel rows `first` ..< `last`, which count
///   through all channels (channel * kernel_rows + row), and the output blocks `first_block` ..<
///   `last_block`.
/// - winograd_gradient_transform: writes the transformed gradient of the tiles `first` ..< `last` and
///   the output blocks `first_block` ..< `last_block`.
/// - winograd_gradient_multiply: what a chunk of tiles, which have been transformed, contributes to
///   the gradients for the input blocks `first` ..< `last` of each group and the output blocks
///   `first_block` ..< `last_block`. `scratch` has room for the products of two output blocks:
///   36 * (last - first) * 512 elements.
/// - pack_taps, pack_winograd_taps: write the packed weights of the output blocks `first_block` ..<
///   `last_block` of the convolution that will read them.
/// - unpack_taps: the output blocks `first_block` ..< `last_block` of the source.
/// - depthwise_input_gradient: the rows `first` ..< `last` of the input's gradient in the blocks
///   `first_block` ..< `last_block` of one picture.
/// - depthwise_weight_gradient: what one picture contributes in these blocks.
/// - partial_sums: the elements `first` ..< `last`, both multiples of 16.
///
/// Training of other layers of blocked maps:
/// - batch_norm_sums, batch_norm_gradient_sums: the sums of one picture in the blocks `first_block`
///   ..< `last_block`. The first sums of `batch_norm_sums` over a gradient are also the gradient of
///   a bias.
/// - batch_norm_finish, batch_norm_finish_gradient: these blocks, when the sums of all pictures are
///   there.
/// - batch_norm_forward, batch_norm_backward: the pixels `first` ..< `last` of one picture in these
///   blocks.
/// - max_pool_backward, pixel_mean_backward: these blocks of one picture.
///
/// Training of linear layers; see cnn_training.h.
/// - add_sparse_products, add_masked_products: products in which one factor is zero in many places.
/// - squared_sum: the sum of the squares of `count` values, in double precision. Sixteen partial sums
///   are added up in an order that is the same on every instruction set.
/// - sgd_step, adam_step: one step of an optimiser on `count` weights.
struct cnn_kernels {
  enum cnn_instruction_set instruction_set;
  /// The most tiles that a group of Winograd's transformed input may have: the pixels of a register
  /// tile.
  ptrdiff_t winograd_tiles;
  /// Bytes of an element of a panel, which is what the convolutions multiply: padded maps,
  /// transformed inputs, packed weights. 4, or 2 for bfloat16.
  ptrdiff_t panel_element_size;
  /// Points that each Winograd form has besides its own, for the mean of a tile: 2 in bfloat16,
  /// else 0.
  ptrdiff_t winograd_mean_points;
  /// Outputs in a panel of a packed linear weight.
  ptrdiff_t linear_panel;
  /// Elements that `multiply_add` reads and writes: multiply-adds in each of its rounds.
  ptrdiff_t multiply_add_elements;
  /// Whether `add_masked_products` is faster than a dense product of twice as many elements. Only
  /// AVX-512 is: its 32 registers of 512 bits hold the sums of a tile and the factors. Measured.
  bool prefers_masked_products;
#define CNN_MEMBER(result, name, parameters) result (*name) parameters;
  CNN_PANEL_KERNELS(CNN_MEMBER)
  CNN_FLOAT_KERNELS(CNN_MEMBER)
  CNN_TRAINING_KERNELS(CNN_MEMBER)
#undef CNN_MEMBER
};

/// Whether kernels for `set` are compiled in and this processor can run them.
bool cnn_is_available(enum cnn_instruction_set set);

/// The kernels for `set`, or NULL where it is not available. The table is a constant.
const struct cnn_kernels *cnn_kernels_for(enum cnn_instruction_set set);

/// The kernels of CNN_PANEL_KERNELS that multiply in bfloat16 and add in 32 bits, to go with those
/// for `set`, or NULL where the processor lacks the instructions (AVX512-BF16). They read no planar
/// maps, and the members of the other lists are NULL.
const struct cnn_kernels *cnn_bfloat16_kernels_for(enum cnn_instruction_set set);

#endif
