/// Kernels of the inference engine in C: the inner loops that need SIMD instructions.
///
/// Feature maps are "blocked": [pictures][channels / 16][rows * columns][16], the last block filled
/// up with zeros (NCHW16c). One picture's blocks lie together; the distance of two pictures is an
/// argument, so a map can be a slice of the channels of a larger one.
///
/// Nothing here allocates, starts threads or keeps state. A kernel computes some of the units of
/// work of a layer, and whoever calls decides which thread takes which. Each result is computed by
/// the same sequence of operations whichever unit it falls into, so its bits depend on neither the
/// number of threads nor that of pictures.
#ifndef CNN_KERNELS_H
#define CNN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

/// Channels of a block.
enum { CNN_BLOCK = 16 };

#include "cnn_convolution.h"
#include "cnn_linear.h"
#include "cnn_maps.h"
#include "cnn_weights.h"

/// The instruction sets for which the kernels are compiled.
enum cnn_level {
  /// 128-bit vectors: SSE2, NEON.
  CNN_LEVEL_GENERIC,
  /// AVX2, FMA and F16C.
  CNN_LEVEL_AVX2,
  /// AVX-512 F, BW, DQ and VL.
  CNN_LEVEL_AVX512,
};

/// The one list of kernels: it makes the table's members and each level's table. These multiply
/// panels of inputs with panels of weights, or make panels; they exist in 32 bits and in bfloat16.
#define CNN_PANEL_KERNEL_LIST(KERNEL)                                                          \
  KERNEL(pad, (const struct cnn_padding *layer, struct cnn_unit unit))                         \
  KERNEL(convolve, (const struct cnn_convolution *layer, struct cnn_unit unit))                \
  KERNEL(winograd_transform, (const struct cnn_winograd *layer, struct cnn_unit unit))         \
  KERNEL(winograd_multiply, (const struct cnn_winograd *layer, struct cnn_unit unit))          \
  KERNEL(pack_blocked, (const struct cnn_weights *weights, struct cnn_unit unit))              \
  KERNEL(pack_winograd, (const struct cnn_weights *weights, struct cnn_unit unit))

/// The second part of the list: kernels in 32 bits alone.
#define CNN_OTHER_KERNEL_LIST(KERNEL)                                                          \
  KERNEL(pool, (const struct cnn_pooling *layer, struct cnn_unit unit))                        \
  KERNEL(response_norm, (const struct cnn_response_norm *layer, struct cnn_unit unit))         \
  KERNEL(add, (const struct cnn_addition *layer, struct cnn_unit unit))                        \
  KERNEL(to_blocked, (const struct cnn_rearrangement *map, struct cnn_unit unit))              \
  KERNEL(to_planar, (const struct cnn_rearrangement *map, struct cnn_unit unit))               \
  KERNEL(pack_planar, (const struct cnn_weights *weights, struct cnn_unit unit))               \
  KERNEL(largest_magnitude, (const void *numbers, ptrdiff_t count, uint32_t *bits))            \
  KERNEL(linear_rows, (const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last))       \
  KERNEL(linear_columns, (const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last))    \
  KERNEL(linear_packed, (const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last))     \
  KERNEL(linear_pack, (const struct cnn_linear_packing *weight, ptrdiff_t first, ptrdiff_t last)) \
  KERNEL(multiply_add, (float *numbers, ptrdiff_t rounds))

/// The kernels of one level.
struct cnn_kernels {
  enum cnn_level level;
  /// The most tiles that a group of Winograd's transformed input may have.
  ptrdiff_t winograd_tiles;
  /// Bytes of a number in a panel, which is what the convolutions multiply: padded maps,
  /// transformed inputs, packed weights. 4, or 2 for bfloat16.
  ptrdiff_t panel_number_size;
  /// Points that Winograd's forms have besides their own, for the level of a tile.
  ptrdiff_t winograd_level_points;
  /// Outputs in a panel of a packed linear weight.
  ptrdiff_t linear_panel;
  /// Numbers that `multiply_add` takes, and multiply-adds in each of its rounds.
  ptrdiff_t multiply_add_numbers;
#define CNN_MEMBER(name, parameters) void (*name) parameters;
  CNN_PANEL_KERNEL_LIST(CNN_MEMBER)
  CNN_OTHER_KERNEL_LIST(CNN_MEMBER)
#undef CNN_MEMBER
};

/// Whether kernels of `level` are compiled in and this processor can run them.
bool cnn_level_available(enum cnn_level level);

/// The highest level available.
enum cnn_level cnn_best_level(void);

/// The kernels of `level`, or NULL where it is not available.
const struct cnn_kernels *cnn_kernels_at(enum cnn_level level);

/// The kernels of CNN_PANEL_KERNEL_LIST that multiply in bfloat16 and add in 32 bits, to go with
/// those of `level`, or NULL where these lack the instructions (AVX512-BF16). They read no planar
/// maps.
const struct cnn_kernels *cnn_bfloat16_kernels_at(enum cnn_level level);

/// The next number of a counter that several threads share: 0, 1, 2 ...
static inline ptrdiff_t cnn_take_number(ptrdiff_t *counter) {
  return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/// Puts `value` in a place that several threads share, and returns what was there.
static inline void *cnn_exchange(void **place, void *value) {
  return __atomic_exchange_n(place, value, __ATOMIC_ACQ_REL);
}

#endif
