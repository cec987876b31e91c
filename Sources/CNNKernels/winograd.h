// 3x3 convolution by Winograd's minimal filtering F(4x4, 3x3) (Lavin, Gray, "Fast Algorithms for
// Convolutional Neural Networks", arXiv 1509.09308) with the points 0, +-sqrt 2, +-sqrt 1/2 and
// infinity, whose rounding errors are smaller than those of the usual 0, +-1, +-2.
//
// With m(x) = x (x^2 - 2) (x^2 - 1/2), the input transform has the coefficients of m(x) / (x - p)
// in the row of p, the output transform the powers of p, and the weight transform the powers of p
// divided by m'(p).

#define SQRT_2 1.41421356237309504880f

// t = the input transform of d: both six vectors, `stride` apart.
ALWAYS_INLINE void winograd_input_1d(
    const vector *d, const int d_stride, vector *t, const int t_stride) {
  const vector d0 = d[0], d1 = d[d_stride], d2 = d[2 * d_stride], d3 = d[3 * d_stride],
               d4 = d[4 * d_stride], d5 = d[5 * d_stride];
  const vector root = vector_splat(SQRT_2), half_root = vector_splat(SQRT_2 / 2);
  const vector half = vector_splat(0.5f), two = vector_splat(2), both = vector_splat(2.5f);
  const vector even = vector_subtract_product(d4, half, d2);
  const vector odd = vector_subtract_product(d3, half, d1);
  const vector even_2 = vector_subtract_product(d4, two, d2);
  const vector odd_2 = vector_subtract_product(d3, two, d1);
  t[0] = vector_subtract_product(vector_add(d0, d4), both, d2);
  t[t_stride] = vector_multiply_add(root, odd, even);
  t[2 * t_stride] = vector_subtract_product(even, root, odd);
  t[3 * t_stride] = vector_multiply_add(half_root, odd_2, even_2);
  t[4 * t_stride] = vector_subtract_product(even_2, half_root, odd_2);
  t[5 * t_stride] = vector_subtract_product(vector_add(d1, d5), both, d3);
}

// o = the output transform of m: six vectors to four.
ALWAYS_INLINE void winograd_output_1d(
    const vector *m, const int m_stride, vector *o, const int o_stride) {
  const vector m0 = m[0], m1 = m[m_stride], m2 = m[2 * m_stride], m3 = m[3 * m_stride],
               m4 = m[4 * m_stride], m5 = m[5 * m_stride];
  const vector sum = vector_add(m1, m2), difference = vector_subtract(m1, m2);
  const vector sum_2 = vector_add(m3, m4), difference_2 = vector_subtract(m3, m4);
  const vector root = vector_splat(SQRT_2), half_root = vector_splat(SQRT_2 / 2);
  o[0] = vector_add(vector_add(m0, sum), sum_2);
  o[o_stride] =
      vector_multiply_add(root, difference, vector_multiply(half_root, difference_2));
  o[2 * o_stride] = vector_multiply_add(
      vector_splat(2), sum, vector_multiply(vector_splat(0.5f), sum_2));
  o[3 * o_stride] = vector_multiply_add(
      vector_splat(2 * SQRT_2), difference,
      vector_multiply_add(vector_splat(SQRT_2 / 4), difference_2, m5));
}

// Transforms one tile of one block. `input` is its first pixel, `row_stride` numbers a row.
ALWAYS_INLINE void winograd_transform_tile(
    const float *input, ptrdiff_t row_stride, float *output, ptrdiff_t point_stride) {
  UNROLL
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector half[6][6];
    UNROLL
    for (int x = 0; x < 6; x++) {
      vector d[6];
      UNROLL
      for (int y = 0; y < 6; y++) {
        d[y] = vector_load(input + y * row_stride + x * CNN_BLOCK + part * LANES);
      }
      winograd_input_1d(d, 1, &half[0][x], 6);
    }
    UNROLL
    for (int y = 0; y < 6; y++) {
      vector t[6];
      winograd_input_1d(half[y], 1, t, 1);
      UNROLL
      for (int x = 0; x < 6; x++) {
        vector_store(output + (y * 6 + x) * point_stride + part * LANES, t[x]);
      }
    }
  }
}

// Copies the part of a tile that lies inside the map; the rest are zeros.
static void winograd_copy_edge(
    const struct cnn_winograd *layer, const float *plane, ptrdiff_t top, ptrdiff_t left,
    float tile[6][6][CNN_BLOCK]) {
  memset(tile, 0, sizeof(float[6][6][CNN_BLOCK]));
  const ptrdiff_t first = left < 0 ? 0 : left;
  const ptrdiff_t last = left + 6 < layer->input_width ? left + 6 : layer->input_width;
  if (first >= last) return;
  for (ptrdiff_t y = 0; y < 6; y++) {
    const ptrdiff_t row = top + y;
    if (row < 0 || row >= layer->input_height) continue;
    memcpy(
        tile[y][first - left], plane + (row * layer->input_width + first) * CNN_BLOCK,
        (last - first) * CNN_BLOCK * sizeof(float));
  }
}

static void winograd_transform(const struct cnn_winograd *layer, struct cnn_unit unit) {
  const ptrdiff_t width = layer->input_width, tiles = layer->tile_rows * layer->tile_columns;
  const ptrdiff_t plane_size = layer->input_height * width * CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    for (ptrdiff_t tile = unit.first; tile < unit.last; tile++) {
      const ptrdiff_t picture = tile / tiles, place = tile % tiles;
      const ptrdiff_t top =
          place / layer->tile_columns * CNN_WINOGRAD_OUTPUTS - layer->top;
      const ptrdiff_t left =
          place % layer->tile_columns * CNN_WINOGRAD_OUTPUTS - layer->left;
      const float *plane =
          layer->input + picture * layer->input_picture_stride + block * plane_size;
      const ptrdiff_t index = tile - layer->first_tile;
      float *target =
          layer->transformed +
          ((index / TILE_PIXELS * layer->input_blocks + block) * TILE_PIXELS +
           index % TILE_PIXELS) *
              CNN_BLOCK;
      if (top >= 0 && left >= 0 && top + 6 <= layer->input_height && left + 6 <= width) {
        winograd_transform_tile(
            plane + (top * width + left) * CNN_BLOCK, width * CNN_BLOCK, target,
            layer->point_stride);
      } else {
        float edge[6][6][CNN_BLOCK];
        winograd_copy_edge(layer, plane, top, left, edge);
        winograd_transform_tile(&edge[0][0][0], 6 * CNN_BLOCK, target, layer->point_stride);
      }
    }
  }
}

// The products of one point for one tile group: [tiles][blocks][16] at `output`.
ALWAYS_INLINE void winograd_multiply_tile(
    const int PIXELS, const int BLOCKS, const float *input, ptrdiff_t chunks,
    const float *weight, ptrdiff_t weight_stride, float *output) {
  vector sums[TILE_PIXELS][TILE_VECTORS];
  UNROLL
  for (int p = 0; p < PIXELS; p++) {
    UNROLL
    for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) sums[p][v] = vector_splat(0.0f);
  }
  multiply_tile(
      PIXELS, BLOCKS, CNN_BLOCK, input, NULL, TILE_PIXELS * CNN_BLOCK, chunks, weight,
      weight_stride, sums);
  UNROLL
  for (int p = 0; p < PIXELS; p++) {
    UNROLL
    for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
      vector_store(output + p * BLOCKS * CNN_BLOCK + v * LANES, sums[p][v]);
    }
  }
}

typedef void winograd_tile_function(
    const float *input, ptrdiff_t chunks, const float *weight, ptrdiff_t weight_stride,
    float *output);

#define WINOGRAD_TILE(pixels, blocks)                                                         \
  static void winograd_multiply_##pixels##x##blocks(                                          \
      const float *input, ptrdiff_t chunks, const float *weight, ptrdiff_t weight_stride,     \
      float *output) {                                                                        \
    winograd_multiply_tile(pixels, blocks, input, chunks, weight, weight_stride, output);     \
  }
TILE_SIZES(WINOGRAD_TILE)
#undef WINOGRAD_TILE

ALWAYS_INLINE winograd_tile_function *winograd_tile_of(ptrdiff_t pixels, ptrdiff_t blocks) {
#define ENTRY(pixels, blocks) [blocks - 1][pixels - 1] = winograd_multiply_##pixels##x##blocks,
  static winograd_tile_function *const table[TILE_BLOCKS][TILE_PIXELS] = {TILE_SIZES(ENTRY)};
#undef ENTRY
  return table[blocks - 1][pixels - 1];
}

// The 4x4 results of one tile in one vector of channels, with the epilogue of the layer.
ALWAYS_INLINE void winograd_results(
    const float *products, ptrdiff_t point_stride, vector bias, vector results[4][4]) {
  vector half[4][6];
  UNROLL
  for (int x = 0; x < 6; x++) {
    vector m[6];
    UNROLL
    for (int y = 0; y < 6; y++) m[y] = vector_load(products + (y * 6 + x) * point_stride);
    winograd_output_1d(m, 1, &half[0][x], 6);
  }
  UNROLL
  for (int y = 0; y < 4; y++) {
    winograd_output_1d(half[y], 1, results[y], 1);
    UNROLL
    for (int x = 0; x < 4; x++) results[y][x] = vector_add(results[y][x], bias);
  }
}

// Stores the rows and columns of a tile that lie inside the result.
ALWAYS_INLINE void winograd_store(
    const struct cnn_winograd *layer, vector results[4][4], const float *residual, float *output,
    ptrdiff_t rows, ptrdiff_t columns, vector floor) {
  const ptrdiff_t row_stride = layer->output_width * CNN_BLOCK;
  UNROLL
  for (int y = 0; y < 4; y++) {
    if (y >= rows) break;
    UNROLL
    for (int x = 0; x < 4; x++) {
      if (x >= columns) break;
      const ptrdiff_t place = y * row_stride + x * CNN_BLOCK;
      vector result = results[y][x];
      if (residual) result = vector_add(result, vector_load(residual + place));
      vector_store(output + place, vector_larger(floor, result));
    }
  }
}

// Stores the largest of each 2x2 results that lie inside.
ALWAYS_INLINE void winograd_store_pooled(
    const struct cnn_winograd *layer, vector results[4][4], float *output, ptrdiff_t rows,
    ptrdiff_t columns, vector floor) {
  const ptrdiff_t row_stride = layer->output_width / 2 * CNN_BLOCK;
  UNROLL
  for (int y = 0; y < 2; y++) {
    if (2 * y + 1 >= rows) break;
    UNROLL
    for (int x = 0; x < 2; x++) {
      if (2 * x + 1 >= columns) break;
      vector largest = vector_larger(floor, results[2 * y][2 * x]);
      UNROLL
      for (int other = 1; other < 4; other++) {
        const vector value = results[2 * y + other / 2][2 * x + other % 2];
        largest = vector_keep_nan(largest, vector_larger(largest, value));
      }
      vector_store(output + y * row_stride + x * CNN_BLOCK, largest);
    }
  }
}

// Transforms the products of one tile back and stores its results in one block.
ALWAYS_INLINE void winograd_finish_tile(
    const struct cnn_winograd *layer, const float *products, ptrdiff_t point_stride,
    ptrdiff_t tile, ptrdiff_t block) {
  const struct cnn_epilogue *epilogue = &layer->epilogue;
  const ptrdiff_t tiles = layer->tile_rows * layer->tile_columns;
  const ptrdiff_t picture = tile / tiles, place = tile % tiles;
  const ptrdiff_t top = place / layer->tile_columns * 4, left = place % layer->tile_columns * 4;
  const ptrdiff_t rows = layer->output_height - top, columns = layer->output_width - left;
  const vector floor = vector_splat(epilogue->relu ? 0.0f : -INFINITY);
  const ptrdiff_t divisor = layer->pool ? 2 : 1;
  const ptrdiff_t width = layer->output_width / divisor;
  const ptrdiff_t plane = layer->output_height / divisor * width * CNN_BLOCK;
  const ptrdiff_t offset =
      block * plane + (top / divisor * width + left / divisor) * CNN_BLOCK;
  UNROLL
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector results[4][4];
    const vector bias = vector_load(epilogue->bias + block * CNN_BLOCK + part * LANES);
    winograd_results(products + part * LANES, point_stride, bias, results);
    float *output =
        layer->output + picture * layer->output_picture_stride + offset + part * LANES;
    if (layer->pool) {
      winograd_store_pooled(layer, results, output, rows, columns, floor);
    } else {
      const float *residual =
          epilogue->residual ? epilogue->residual +
                                   picture * epilogue->residual_picture_stride + offset +
                                   part * LANES
                             : NULL;
      winograd_store(layer, results, residual, output, rows, columns, floor);
    }
  }
}

static void winograd_multiply(const struct cnn_winograd *layer, struct cnn_unit unit) {
  const ptrdiff_t tiles = unit.last - unit.first;
  const ptrdiff_t group_blocks = layer->output_blocks / layer->groups;
  const ptrdiff_t chunks = layer->input_blocks / layer->groups;
  const ptrdiff_t point_size = chunks * CNN_BLOCK * CNN_BLOCK;
  const ptrdiff_t weight_stride = CNN_WINOGRAD_POINTS * point_size;
  const ptrdiff_t first = unit.first - layer->first_tile;
  ptrdiff_t blocks;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block += blocks) {
    blocks = tile_blocks(block, unit.last_block, group_blocks);
    const ptrdiff_t product_stride = tiles * blocks * CNN_BLOCK;
    const ptrdiff_t group = block / group_blocks;
    for (ptrdiff_t point = 0; point < CNN_WINOGRAD_POINTS; point++) {
      const float *weight = layer->weight + block * weight_stride + point * point_size;
      for (ptrdiff_t tile = 0; tile < tiles; tile += TILE_PIXELS) {
        const ptrdiff_t count = tiles - tile < TILE_PIXELS ? tiles - tile : TILE_PIXELS;
        const float *input = layer->transformed + point * layer->point_stride +
                             ((first + tile) / TILE_PIXELS * layer->input_blocks +
                              group * chunks) *
                                 TILE_PIXELS * CNN_BLOCK;
        winograd_tile_of(count, blocks)(
            input, chunks, weight, weight_stride,
            unit.scratch + point * product_stride + tile * blocks * CNN_BLOCK);
      }
    }
    for (ptrdiff_t tile = 0; tile < tiles; tile++) {
      for (ptrdiff_t b = 0; b < blocks; b++) {
        winograd_finish_tile(
            layer, unit.scratch + (tile * blocks + b) * CNN_BLOCK, product_stride,
            unit.first + tile, block + b);
      }
    }
  }
}
