// Convolution by Winograd's minimal filtering (Lavin, Gray, "Fast Algorithms for Convolutional
// Neural Networks", arXiv 1509.09308).
//
// F(4x4, 3x3) and F(2x2, 5x5) share the points 0, +-sqrt 2, +-sqrt 1/2 and infinity, whose rounding
// errors are smaller than those of the usual 0, +-1, +-2 and infinity. With m(x) = x (x^2 - 2) (x^2 - 1/2), the
// input transform has the coefficients of m(x) / (x - p) in the row of p, the output transform the
// powers of p, and the weight transform the powers of p divided by m'(p). F(2x2, 3x3) has the
// points 0, +-1 and infinity.
//
// INPUTS is the number of rows (and columns) of a tile's inputs, RESULTS that of its results.

#define SQRT_2 1.41421356237309504880f

#include "winograd_tile_mean.h"
#include "winograd_position.h"
#include "winograd_input.h"
#include "winograd_output.h"

/// Writes the products of one point for one tile group to `output`, [PIXELS tiles][BLOCKS][16].
ALWAYS_INLINE void winograd_multiply_tile(
    const int PIXELS, const int BLOCKS, const panel_element *input, ptrdiff_t chunk_stride,
    ptrdiff_t chunks, const panel_element *weight, ptrdiff_t weight_stride, float *output) {
  vector sums[TILE_PIXELS][TILE_VECTORS];
  UNROLL
  for (int p = 0; p < PIXELS; p++) {
    UNROLL
    for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) sums[p][v] = vector_splat(0.0f);
  }
  multiply_tile(
      PIXELS, BLOCKS, CNN_BLOCK, input, NULL, chunk_stride, chunks, weight, weight_stride,
      sums);
  UNROLL
  for (int p = 0; p < PIXELS; p++) {
    UNROLL
    for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
      vector_store(output + p * BLOCKS * CNN_BLOCK + v * LANES, sums[p][v]);
    }
  }
}

typedef void winograd_tile_function(
    const panel_element *input, ptrdiff_t chunk_stride, ptrdiff_t chunks, const panel_element *weight,
    ptrdiff_t weight_stride, float *output);

#define WINOGRAD_TILE(pixels, blocks)                                                         \
  static void winograd_multiply_##pixels##x##blocks(                                          \
      const panel_element *input, ptrdiff_t chunk_stride, ptrdiff_t chunks,                    \
      const panel_element *weight, ptrdiff_t weight_stride, float *output) {                   \
    winograd_multiply_tile(                                                                   \
        pixels, blocks, input, chunk_stride, chunks, weight, weight_stride, output);          \
  }
TILE_SIZES(WINOGRAD_TILE)
#undef WINOGRAD_TILE

/// The function for groups of `pixels` tiles by `blocks` blocks.
ALWAYS_INLINE winograd_tile_function *winograd_tile_of(ptrdiff_t pixels, ptrdiff_t blocks) {
#define ENTRY(pixels, blocks) [blocks - 1][pixels - 1] = winograd_multiply_##pixels##x##blocks,
  static winograd_tile_function *const table[TILE_BLOCKS][TILE_PIXELS] = {TILE_SIZES(ENTRY)};
#undef ENTRY
  return table[blocks - 1][pixels - 1];
}

/// Writes the products of a unit's tiles with `blocks` blocks of weights from `block` on, at all
/// points, to the unit's scratch memory: [points][tiles][blocks][16].
static void winograd_multiply_blocks(
    const struct cnn_winograd *layer, struct cnn_unit unit, ptrdiff_t block, ptrdiff_t blocks) {
  const ptrdiff_t tiles = unit.last - unit.first, group_tiles = layer->group_tiles;
  const ptrdiff_t inputs = layer->tile_results + layer->kernel - 1;
  const ptrdiff_t points = inputs * inputs + WINOGRAD_MEAN_POINTS;
  const ptrdiff_t chunks = layer->input_blocks / layer->groups;
  const ptrdiff_t point_size = chunks * CNN_BLOCK * CNN_BLOCK;
  const ptrdiff_t weight_stride = points * point_size;
  const ptrdiff_t first_chunk = block / (layer->output_blocks / layer->groups) * chunks;
  const ptrdiff_t first_group = (unit.first - layer->first_tile) / group_tiles;
  for (ptrdiff_t point = 0; point < points; point++) {
    const panel_element *weight = (const panel_element *)layer->weight +
                                 (block - layer->weight_first_block) * weight_stride +
                                 point * point_size;
    float *products = unit.scratch + point * tiles * blocks * CNN_BLOCK;
    for (ptrdiff_t tile = 0, group = first_group; tile < tiles; tile += group_tiles, group++) {
      const ptrdiff_t count = tiles - tile < group_tiles ? tiles - tile : group_tiles;
      const panel_element *input =
          (const panel_element *)layer->transformed + point * layer->point_stride +
          (group * layer->input_blocks + first_chunk) * group_tiles * CNN_BLOCK;
      winograd_tile_of(count, blocks)(
          input, group_tiles * CNN_BLOCK, chunks, weight, weight_stride,
          products + tile * blocks * CNN_BLOCK);
    }
  }
}

/// Computes a unit's results from its transformed tiles, a pair of output blocks at a time.
static void winograd_multiply(const struct cnn_winograd *layer, struct cnn_unit unit) {
  ptrdiff_t blocks;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block += blocks) {
    blocks = tile_blocks(block, unit.last_block, layer->output_blocks / layer->groups);
    winograd_multiply_blocks(layer, unit, block, blocks);
    winograd_finish(layer, unit, block, blocks);
  }
}
