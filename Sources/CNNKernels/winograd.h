// Convolution by Winograd's minimal filtering (Lavin, Gray, "Fast Algorithms for Convolutional
// Neural Networks", arXiv 1509.09308).
//
// F(4x4, 3x3) and F(2x2, 5x5) share the points 0, +-sqrt 2, +-sqrt 1/2 and infinity, whose rounding
// errors are smaller than those of the usual 0, +-1, +-2. With m(x) = x (x^2 - 2) (x^2 - 1/2), the
// input transform has the coefficients of m(x) / (x - p) in the row of p, the output transform the
// powers of p, and the weight transform the powers of p divided by m'(p). F(2x2, 3x3) has the
// points 0, +-1 and infinity.
//
// INPUTS and RESULTS, the rows and columns of a tile before and after, are constants wherever these
// functions are inlined.

#define SQRT_2 1.41421356237309504880f

// t = the input transform of d: both four or six vectors, `stride` apart.
ALWAYS_INLINE void winograd_input_1d(
    const int INPUTS, const vector *d, const int d_stride, vector *t, const int t_stride) {
  if (INPUTS == 4) {
    t[0] = vector_subtract(d[0], d[2 * d_stride]);
    t[t_stride] = vector_add(d[d_stride], d[2 * d_stride]);
    t[2 * t_stride] = vector_subtract(d[2 * d_stride], d[d_stride]);
    t[3 * t_stride] = vector_subtract(d[3 * d_stride], d[d_stride]);
    return;
  }
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

// o = the output transform of m: four or six vectors to two or four.
ALWAYS_INLINE void winograd_output_1d(
    const int INPUTS, const int RESULTS, const vector *m, const int m_stride, vector *o,
    const int o_stride) {
  if (INPUTS == 4) {
    o[0] = vector_add(vector_add(m[0], m[m_stride]), m[2 * m_stride]);
    o[o_stride] =
        vector_add(vector_subtract(m[m_stride], m[2 * m_stride]), m[3 * m_stride]);
    return;
  }
  const vector m0 = m[0], m1 = m[m_stride], m2 = m[2 * m_stride], m3 = m[3 * m_stride],
               m4 = m[4 * m_stride], m5 = m[5 * m_stride];
  const vector sum = vector_add(m1, m2), difference = vector_subtract(m1, m2);
  const vector sum_2 = vector_add(m3, m4), difference_2 = vector_subtract(m3, m4);
  const vector root = vector_splat(SQRT_2), half_root = vector_splat(SQRT_2 / 2);
  o[0] = vector_add(vector_add(m0, sum), sum_2);
  if (RESULTS == 2) {
    o[o_stride] =
        vector_multiply_add(root, difference, vector_multiply_add(half_root, difference_2, m5));
    return;
  }
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
    const int INPUTS, const float *input, ptrdiff_t row_stride, panel_number *output,
    ptrdiff_t point_stride) {
  UNROLL
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector half[6][6];
#if WINOGRAD_LEVEL_POINTS > 0
    const vector level = winograd_level(INPUTS, input + part * LANES, row_stride);
    winograd_store_level(
        level, output + INPUTS * INPUTS * point_stride + part * LANES, point_stride);
#endif
    UNROLL
    for (int x = 0; x < INPUTS; x++) {
      vector d[6];
      UNROLL
      for (int y = 0; y < INPUTS; y++) {
        d[y] = vector_load(input + y * row_stride + x * CNN_BLOCK + part * LANES);
#if WINOGRAD_LEVEL_POINTS > 0
        d[y] = vector_subtract(d[y], level);
#endif
      }
      winograd_input_1d(INPUTS, d, 1, &half[0][x], 6);
    }
    UNROLL
    for (int y = 0; y < INPUTS; y++) {
      vector t[6];
      winograd_input_1d(INPUTS, half[y], 1, t, 1);
      UNROLL
      for (int x = 0; x < INPUTS; x++) {
        panel_store(output + (y * INPUTS + x) * point_stride + part * LANES, t[x]);
      }
    }
  }
}

// Copies the part of a tile that lies inside the map; the rest are zeros.
static void winograd_copy_edge(
    const struct cnn_winograd *layer, const float *plane, ptrdiff_t inputs, ptrdiff_t top,
    ptrdiff_t left, float tile[6][6][CNN_BLOCK]) {
  memset(tile, 0, sizeof(float[6][6][CNN_BLOCK]));
  const ptrdiff_t first = left < 0 ? 0 : left;
  const ptrdiff_t last =
      left + inputs < layer->input_width ? left + inputs : layer->input_width;
  if (first >= last) return;
  for (ptrdiff_t y = 0; y < inputs; y++) {
    const ptrdiff_t row = top + y;
    if (row < 0 || row >= layer->input_height) continue;
    memcpy(
        tile[y][first - left], plane + (row * layer->input_width + first) * CNN_BLOCK,
        (last - first) * CNN_BLOCK * sizeof(float));
  }
}

// Where a tile lies among all tiles of a batch.
struct winograd_place {
  ptrdiff_t picture, row, column;
};

ALWAYS_INLINE struct winograd_place winograd_place_of(
    const struct cnn_winograd *layer, ptrdiff_t tile) {
  const ptrdiff_t tiles = layer->tile_rows * layer->tile_columns, in_picture = tile % tiles;
  return (struct winograd_place){
      .picture = tile / tiles,
      .row = in_picture / layer->tile_columns,
      .column = in_picture % layer->tile_columns};
}

ALWAYS_INLINE void winograd_next_place(
    const struct cnn_winograd *layer, struct winograd_place *place) {
  if (++place->column < layer->tile_columns) return;
  place->column = 0;
  if (++place->row < layer->tile_rows) return;
  place->row = 0;
  place->picture++;
}

// Asks for pixels [rows][columns] that are read soon. Processors follow one or two rows by
// themselves; the rows of a tile, which lie far apart, would all be waited for.
ALWAYS_INLINE void winograd_prefetch(
    const int ROWS, const int COLUMNS, const float *pixel, ptrdiff_t row_stride) {
  UNROLL
  for (int y = 0; y < ROWS; y++) {
    UNROLL
    for (int x = 0; x < COLUMNS; x++) {
      __builtin_prefetch(pixel + y * row_stride + x * CNN_BLOCK, 0);
    }
  }
}

// The same for pixels that are written soon: the cache fetches them first.
ALWAYS_INLINE void winograd_prefetch_for_writing(
    const int ROWS, const int COLUMNS, const float *pixel, ptrdiff_t row_stride) {
  UNROLL
  for (int y = 0; y < ROWS; y++) {
    UNROLL
    for (int x = 0; x < COLUMNS; x++) {
      __builtin_prefetch(pixel + y * row_stride + x * CNN_BLOCK, 1);
    }
  }
}

ALWAYS_INLINE void winograd_transform_tiles(
    const int INPUTS, const int RESULTS, const struct cnn_winograd *layer,
    struct cnn_unit unit) {
  const ptrdiff_t width = layer->input_width, row_stride = width * CNN_BLOCK;
  const ptrdiff_t plane_size = layer->input_height * row_stride;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    struct winograd_place place = winograd_place_of(layer, unit.first);
    ptrdiff_t group = (unit.first - layer->first_tile) / layer->group_tiles;
    ptrdiff_t in_group = (unit.first - layer->first_tile) % layer->group_tiles;
    for (ptrdiff_t tile = unit.first; tile < unit.last; tile++) {
      const ptrdiff_t top = place.row * RESULTS - layer->top;
      const ptrdiff_t left = place.column * RESULTS - layer->left;
      const float *plane =
          layer->input + place.picture * layer->input_picture_stride + block * plane_size;
      const float *input = plane + (top * width + left) * CNN_BLOCK;
      panel_number *target =
          (panel_number *)layer->transformed +
          ((group * layer->input_blocks + block) * layer->group_tiles + in_group) * CNN_BLOCK;
      if (top >= 0 && left >= 0 && top + INPUTS <= layer->input_height &&
          left + INPUTS <= width) {
        // What the next tile reads besides.
        winograd_prefetch(INPUTS, RESULTS, input + INPUTS * CNN_BLOCK, row_stride);
        winograd_transform_tile(INPUTS, input, row_stride, target, layer->point_stride);
      } else {
        float edge[6][6][CNN_BLOCK];
        winograd_copy_edge(layer, plane, INPUTS, top, left, edge);
        winograd_transform_tile(
            INPUTS, &edge[0][0][0], 6 * CNN_BLOCK, target, layer->point_stride);
      }
      winograd_next_place(layer, &place);
      if (++in_group == layer->group_tiles) {
        in_group = 0;
        group++;
      }
    }
  }
}

static void winograd_transform(const struct cnn_winograd *layer, struct cnn_unit unit) {
  if (layer->tile_results == 4) {
    winograd_transform_tiles(6, 4, layer, unit);
  } else if (layer->kernel == 5) {
    winograd_transform_tiles(6, 2, layer, unit);
  } else {
    winograd_transform_tiles(4, 2, layer, unit);
  }
}

// The products of one point for one tile group: [tiles][blocks][16] at `output`.
ALWAYS_INLINE void winograd_multiply_tile(
    const int PIXELS, const int BLOCKS, const panel_number *input, ptrdiff_t chunk_stride,
    ptrdiff_t chunks, const panel_number *weight, ptrdiff_t weight_stride, float *output) {
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
    const panel_number *input, ptrdiff_t chunk_stride, ptrdiff_t chunks, const panel_number *weight,
    ptrdiff_t weight_stride, float *output);

#define WINOGRAD_TILE(pixels, blocks)                                                         \
  static void winograd_multiply_##pixels##x##blocks(                                          \
      const panel_number *input, ptrdiff_t chunk_stride, ptrdiff_t chunks,                    \
      const panel_number *weight, ptrdiff_t weight_stride, float *output) {                   \
    winograd_multiply_tile(                                                                   \
        pixels, blocks, input, chunk_stride, chunks, weight, weight_stride, output);          \
  }
TILE_SIZES(WINOGRAD_TILE)
#undef WINOGRAD_TILE

ALWAYS_INLINE winograd_tile_function *winograd_tile_of(ptrdiff_t pixels, ptrdiff_t blocks) {
#define ENTRY(pixels, blocks) [blocks - 1][pixels - 1] = winograd_multiply_##pixels##x##blocks,
  static winograd_tile_function *const table[TILE_BLOCKS][TILE_PIXELS] = {TILE_SIZES(ENTRY)};
#undef ENTRY
  return table[blocks - 1][pixels - 1];
}

// The results of one tile in one vector of channels, with the bias.
ALWAYS_INLINE void winograd_results(
    const int INPUTS, const int RESULTS, const float *products, ptrdiff_t point_stride,
    vector bias, vector results[4][4]) {
  vector half[4][6];
  UNROLL
  for (int x = 0; x < INPUTS; x++) {
    vector m[6];
    UNROLL
    for (int y = 0; y < INPUTS; y++) {
      m[y] = vector_load(products + (y * INPUTS + x) * point_stride);
    }
    winograd_output_1d(INPUTS, RESULTS, m, 1, &half[0][x], 6);
  }
  UNROLL
  for (int y = 0; y < RESULTS; y++) {
    winograd_output_1d(INPUTS, RESULTS, half[y], 1, results[y], 1);
    UNROLL
    for (int x = 0; x < RESULTS; x++) results[y][x] = vector_add(results[y][x], bias);
  }
}

// Stores the rows and columns of a tile that lie inside the result.
ALWAYS_INLINE void winograd_store(
    const int RESULTS, ptrdiff_t row_stride, vector results[4][4], const float *residual,
    float *output, ptrdiff_t rows, ptrdiff_t columns, vector floor) {
  UNROLL
  for (int y = 0; y < RESULTS; y++) {
    if (y >= rows) break;
    UNROLL
    for (int x = 0; x < RESULTS; x++) {
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
    const int RESULTS, ptrdiff_t row_stride, vector results[4][4], float *output,
    ptrdiff_t rows, ptrdiff_t columns, vector floor) {
  UNROLL
  for (int y = 0; y < RESULTS / 2; y++) {
    if (2 * y + 1 >= rows) break;
    UNROLL
    for (int x = 0; x < RESULTS / 2; x++) {
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

// Asks for the places where the next tile's results go, and for what is added to them.
ALWAYS_INLINE void winograd_prefetch_results(
    const int RESULTS, bool pool, const float *output, const float *residual,
    ptrdiff_t row_stride) {
  if (pool) {
    winograd_prefetch_for_writing(
        RESULTS / 2, RESULTS / 2, output + RESULTS / 2 * CNN_BLOCK, row_stride);
    return;
  }
  winograd_prefetch_for_writing(RESULTS, RESULTS, output + RESULTS * CNN_BLOCK, row_stride);
  if (residual) {
    winograd_prefetch(RESULTS, RESULTS, residual + RESULTS * CNN_BLOCK, row_stride);
  }
}

// Transforms the products of one tile back and stores its results in one block.
ALWAYS_INLINE void winograd_finish_tile(
    const int INPUTS, const int RESULTS, const struct cnn_winograd *layer,
    const float *products, ptrdiff_t point_stride, struct winograd_place place,
    ptrdiff_t block) {
  const struct cnn_epilogue *epilogue = &layer->epilogue;
  const ptrdiff_t top = place.row * RESULTS, left = place.column * RESULTS;
  const ptrdiff_t rows = layer->output_height - top, columns = layer->output_width - left;
  const vector floor = vector_splat(epilogue->relu ? 0.0f : -INFINITY);
  const ptrdiff_t divisor = layer->pool ? 2 : 1;
  const ptrdiff_t row_stride = layer->output_width / divisor * CNN_BLOCK;
  const ptrdiff_t plane = layer->output_height / divisor * row_stride;
  const ptrdiff_t offset =
      block * plane + top / divisor * row_stride + left / divisor * CNN_BLOCK;
  float *output = layer->output + place.picture * layer->output_picture_stride + offset;
  const float *residual =
      epilogue->residual
          ? epilogue->residual + place.picture * epilogue->residual_picture_stride + offset
          : NULL;
  winograd_prefetch_results(RESULTS, layer->pool, output, residual, row_stride);
  UNROLL
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector results[4][4];
    vector bias = vector_load(epilogue->bias + block * CNN_BLOCK + part * LANES);
#if WINOGRAD_LEVEL_POINTS > 0
    const float *level = products + INPUTS * INPUTS * point_stride + part * LANES;
    bias = vector_add(bias, winograd_level_result(level, point_stride));
#endif
    winograd_results(INPUTS, RESULTS, products + part * LANES, point_stride, bias, results);
    float *target = output + part * LANES;
    if (layer->pool) {
      winograd_store_pooled(RESULTS, row_stride, results, target, rows, columns, floor);
    } else {
      const float *added = residual ? residual + part * LANES : NULL;
      winograd_store(RESULTS, row_stride, results, added, target, rows, columns, floor);
    }
  }
}

// Transforms the products of a unit back, those of `blocks` blocks from `block` on.
ALWAYS_INLINE void winograd_finish_tiles(
    const int INPUTS, const int RESULTS, const struct cnn_winograd *layer, struct cnn_unit unit,
    ptrdiff_t block, ptrdiff_t blocks) {
  const ptrdiff_t tiles = unit.last - unit.first;
  const ptrdiff_t point_stride = tiles * blocks * CNN_BLOCK;
  const float *products = unit.scratch;
  struct winograd_place place = winograd_place_of(layer, unit.first);
  for (ptrdiff_t tile = 0; tile < tiles; tile++) {
    for (ptrdiff_t b = 0; b < blocks; b++) {
      winograd_finish_tile(INPUTS, RESULTS, layer, products, point_stride, place, block + b);
      products += CNN_BLOCK;
    }
    winograd_next_place(layer, &place);
  }
}

static void winograd_finish(
    const struct cnn_winograd *layer, struct cnn_unit unit, ptrdiff_t block, ptrdiff_t blocks) {
  if (layer->tile_results == 4) {
    winograd_finish_tiles(6, 4, layer, unit, block, blocks);
  } else if (layer->kernel == 5) {
    winograd_finish_tiles(6, 2, layer, unit, block, blocks);
  } else {
    winograd_finish_tiles(4, 2, layer, unit, block, blocks);
  }
}

// The products of a unit with `blocks` blocks of weights from `block` on, at all points.
static void winograd_multiply_blocks(
    const struct cnn_winograd *layer, struct cnn_unit unit, ptrdiff_t block, ptrdiff_t blocks) {
  const ptrdiff_t tiles = unit.last - unit.first, group_tiles = layer->group_tiles;
  const ptrdiff_t inputs = layer->tile_results + layer->kernel - 1;
  const ptrdiff_t points = inputs * inputs + WINOGRAD_LEVEL_POINTS;
  const ptrdiff_t chunks = layer->input_blocks / layer->groups;
  const ptrdiff_t point_size = chunks * CNN_BLOCK * CNN_BLOCK;
  const ptrdiff_t weight_stride = points * point_size;
  const ptrdiff_t first_chunk = block / (layer->output_blocks / layer->groups) * chunks;
  const ptrdiff_t first_group = (unit.first - layer->first_tile) / group_tiles;
  for (ptrdiff_t point = 0; point < points; point++) {
    const panel_number *weight = (const panel_number *)layer->weight +
                                 (block - layer->weight_first_block) * weight_stride +
                                 point * point_size;
    float *products = unit.scratch + point * tiles * blocks * CNN_BLOCK;
    for (ptrdiff_t tile = 0, group = first_group; tile < tiles; tile += group_tiles, group++) {
      const ptrdiff_t count = tiles - tile < group_tiles ? tiles - tile : group_tiles;
      const panel_number *input =
          (const panel_number *)layer->transformed + point * layer->point_stride +
          (group * layer->input_blocks + first_chunk) * group_tiles * CNN_BLOCK;
      winograd_tile_of(count, blocks)(
          input, group_tiles * CNN_BLOCK, chunks, weight, weight_stride,
          products + tile * blocks * CNN_BLOCK);
    }
  }
}

static void winograd_multiply(const struct cnn_winograd *layer, struct cnn_unit unit) {
  ptrdiff_t blocks;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block += blocks) {
    blocks = tile_blocks(block, unit.last_block, layer->output_blocks / layer->groups);
    winograd_multiply_blocks(layer, unit, block, blocks);
    winograd_finish(layer, unit, block, blocks);
  }
}
