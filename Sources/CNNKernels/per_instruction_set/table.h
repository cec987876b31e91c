// Included once by the file of each instruction set, behind its vectors: all kernels, and the table
// of the instruction set.
//
// Names of parameters in capitals (PIXELS, BLOCKS, ...) are constants wherever the function is
// inlined, so that the loops over them are unrolled and their sums stay in registers.
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// Vectors in a block of channels.
#define BLOCK_VECTORS (CNN_BLOCK / LANES)
// Vectors of one pixel in a register tile.
#define TILE_VECTORS (TILE_BLOCKS * BLOCK_VECTORS)

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#define NO_UNROLL _Pragma("clang loop unroll(disable)")
#else
#define UNROLL _Pragma("GCC unroll 64")
#define NO_UNROLL _Pragma("GCC unroll 1")
#endif

#include "panel.h"
#include "register_tile.h"
#include "convolution.h"
#include "winograd.h"
#include "pack_weights.h"
#ifndef PANEL_BFLOAT16
#include "pooling.h"
#include "response_norm.h"
#include "maps.h"
#include "pixel_mean.h"
#include "tap_range.h"
#include "depthwise.h"
#include "linear_rows.h"
#include "linear_columns.h"
#include "linear_packed.h"
#include "multiply_add.h"
#include "sparse_products.h"
#include "masked_products.h"
#include "optimizer_steps.h"
#include "gradient_tile.h"
#include "weight_gradient.h"
#include "winograd_gradient.h"
#include "transpose.h"
#include "pack_taps.h"
#include "depthwise_input_gradient.h"
#include "depthwise_weight_gradient.h"
#include "wide_sums.h"
#include "batch_norm.h"
#include "batch_norm_gradient.h"
#include "pooling_gradient.h"
#endif

extern const struct cnn_kernels KERNEL_TABLE;
const struct cnn_kernels KERNEL_TABLE = {
    .instruction_set = INSTRUCTION_SET,
    .winograd_tiles = TILE_PIXELS,
    .panel_element_size = sizeof(panel_element),
    .winograd_mean_points = WINOGRAD_MEAN_POINTS,
#define TABLE_ENTRY(result, name, parameters) .name = name,
    CNN_PANEL_KERNELS(TABLE_ENTRY)
#ifndef PANEL_BFLOAT16
    .linear_panel = LINEAR_PANEL,
    .multiply_add_elements = MULTIPLY_ADD_CHAINS * LANES,
    .prefers_masked_products = LANES == 16,
    CNN_FLOAT_KERNELS(TABLE_ENTRY)
    CNN_TRAINING_KERNELS(TABLE_ENTRY)
#endif
#undef TABLE_ENTRY
};
