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

#include "register_tile.h"
#include "convolution.h"
#include "winograd.h"
#include "weights.h"
#include "pooling.h"
#include "response_norm.h"
#include "maps.h"
#include "linear.h"
#include "linear_packed.h"
#include "multiply_add.h"

extern const struct cnn_kernels CNN_TABLE;
const struct cnn_kernels CNN_TABLE = {
    .level = CNN_LEVEL,
    .winograd_tiles = TILE_PIXELS,
    .linear_panel = LINEAR_PANEL,
    .multiply_add_numbers = MULTIPLY_ADD_CHAINS * LANES,
#define CNN_ENTRY(name, parameters) .name = name,
    CNN_KERNEL_LIST(CNN_ENTRY)
#undef CNN_ENTRY
};
