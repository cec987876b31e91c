// Included once for each level, behind its vectors: all families, and the table of the level.
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
#include "weights.h"
#ifndef PANEL_BFLOAT16
#include "pooling.h"
#include "response_norm.h"
#include "maps.h"
#include "linear.h"
#include "linear_packed.h"
#include "multiply_add.h"
#endif

extern const struct cnn_kernels CNN_TABLE;
const struct cnn_kernels CNN_TABLE = {
    .level = CNN_LEVEL,
    .winograd_tiles = TILE_PIXELS,
    .panel_number_size = sizeof(panel_number),
    .winograd_level_points = WINOGRAD_LEVEL_POINTS,
#define CNN_ENTRY(name, parameters) .name = name,
    CNN_PANEL_KERNEL_LIST(CNN_ENTRY)
#ifndef PANEL_BFLOAT16
    .linear_panel = LINEAR_PANEL,
    .multiply_add_numbers = MULTIPLY_ADD_CHAINS * LANES,
    CNN_OTHER_KERNEL_LIST(CNN_ENTRY)
#endif
#undef CNN_ENTRY
};
