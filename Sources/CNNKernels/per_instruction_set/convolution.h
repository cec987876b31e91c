// Convolution by its definition ("direct"), and the padded copy of a map that it reads.

/// Writes one row of a padded map from a row of the input.
static void pad_row(
    const struct cnn_padding *layer, const float *restrict source,
    panel_element *restrict target) {
  const ptrdiff_t length = layer->length;
  for (ptrdiff_t phase = 0; phase < layer->phases; phase++) {
    // Column x of this phase is column x * column_stride + offset of the input.
    const ptrdiff_t offset = phase - layer->left;
    ptrdiff_t x = 0;
    for (; x < layer->phase_width && x * layer->column_stride + offset < 0; x++) {
      memset(target + x * length, 0, length * sizeof(panel_element));
    }
    if (length == CNN_BLOCK) {
      for (; x < layer->phase_width && x * layer->column_stride + offset < layer->width; x++) {
        const float *pixel = source + (x * layer->column_stride + offset) * CNN_BLOCK;
        UNROLL
        for (int v = 0; v < BLOCK_VECTORS; v++) {
          panel_store(target + x * CNN_BLOCK + v * LANES, vector_load(pixel + v * LANES));
        }
      }
    }
#if PANEL_STEP == 1
    for (; x < layer->phase_width && x * layer->column_stride + offset < layer->width; x++) {
      target[x] = source[x * layer->column_stride + offset];
    }
#endif
    memset(target + x * length, 0, (layer->phase_width - x) * length * sizeof(panel_element));
    target += layer->phase_width * length;
  }
}

#if PANEL_STEP == 1
/// The same for a planar map with a column stride of 2: writing the even and the odd columns in one
/// loop lets the compiler use vectors.
static void pad_row_in_pairs(
    const struct cnn_padding *layer, const float *restrict source, float *restrict target) {
  float *restrict even = target, *restrict odd = target + layer->phase_width;
  memset(target, 0, 2 * layer->phase_width * sizeof(float));
  // The first pair of columns inside the input, and the input column at which it begins.
  const ptrdiff_t first = (layer->left + 1) / 2, start = 2 * first - layer->left;
  if (start > 0 && first <= layer->phase_width) odd[first - 1] = source[0];
  const ptrdiff_t inside = (layer->width - start) / 2, room = layer->phase_width - first;
  const ptrdiff_t pairs = inside < room ? inside : room;
  for (ptrdiff_t pair = 0; pair < pairs; pair++) {
    even[first + pair] = source[start + 2 * pair];
    odd[first + pair] = source[start + 2 * pair + 1];
  }
  if (pairs < room && start + 2 * pairs < layer->width) {
    even[first + pairs] = source[start + 2 * pairs];
  }
}
#endif

/// Writes the padded map of some planes of a picture.
static void pad(const struct cnn_padding *layer, struct cnn_unit unit) {
  const ptrdiff_t length = layer->length;
  const ptrdiff_t row_size = layer->phases * layer->phase_width * length;
  for (ptrdiff_t plane = unit.first_block; plane < unit.last_block; plane++) {
    const float *source = layer->input + unit.picture * layer->input_picture_stride +
                          plane * layer->height * layer->width * length;
    panel_element *target = (panel_element *)layer->padded +
                           unit.picture * layer->padded_picture_stride +
                           plane * layer->padded_height * row_size;
    for (ptrdiff_t padded_row = 0; padded_row < layer->padded_height; padded_row++) {
      if (padded_row % layer->row_stride >= layer->kernel_rows) continue;
      panel_element *row = target + padded_row * row_size;
      const ptrdiff_t source_row = padded_row - layer->top;
      if (source_row < 0 || source_row >= layer->height) {
        memset(row, 0, row_size * sizeof(panel_element));
        continue;
      }
      const float *input = source + source_row * layer->width * length;
#if PANEL_STEP == 1
      if (length == 1 && layer->phases == 2 && layer->column_stride == 2) {
        pad_row_in_pairs(layer, input, row);
        continue;
      }
#endif
      pad_row(layer, input, row);
    }
  }
}

// Products in one chain of additions. A sum of n products is made of chains of L products whose results
// are added up: that keeps its rounding error below (L + n / L) * 2^-24 times the sum of the products'
// magnitudes, where one chain of n would allow n * 2^-24. 128 products are 8 taps of a blocked map.
// A picture's values are large and of one sign, so its sums lose more with each addition: there 37, a
// quarter of the 147 products of ResNet's 7x7 convolution of three channels.
#define SUM_LENGTH(LENGTH) ((LENGTH) == 1 ? 37 : 128)

/// One register tile of results: PIXELS pixels in BLOCKS blocks from `block` on. `input` is what the
/// first of them reads, `pixel` its distance from the first one of the map.
ALWAYS_INLINE void convolve_tile(
    const int PIXELS, const int BLOCKS, const int LENGTH, const struct cnn_convolution *layer,
    const panel_element *input, ptrdiff_t picture, ptrdiff_t block, ptrdiff_t pixel) {
  const struct cnn_epilogue *epilogue = &layer->epilogue;
  vector sums[TILE_PIXELS][TILE_VECTORS];
  UNROLL
  for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
    const vector bias = vector_load(epilogue->bias + block * CNN_BLOCK + v * LANES);
    UNROLL
    for (int p = 0; p < PIXELS; p++) sums[p][v] = bias;
  }
  const ptrdiff_t plane = layer->output_plane_stride, pixel_stride = layer->output_pixel_stride;
  const ptrdiff_t offset = block * plane + pixel;
  float *output = layer->output + picture * layer->output_picture_stride + offset;
  const float *residual = epilogue->residual
                              ? epilogue->residual +
                                    picture * epilogue->residual_picture_stride + offset
                              : NULL;
  const float *mask =
      epilogue->mask ? epilogue->mask + picture * epilogue->mask_picture_stride + offset : NULL;
  // Requested now, they have arrived from memory when the sums are ready.
  UNROLL
  for (int b = 0; b < BLOCKS; b++) {
    UNROLL
    for (int p = 0; p < PIXELS; p++) {
      __builtin_prefetch(output + b * plane + p * pixel_stride, 1);
      if (residual) __builtin_prefetch(residual + b * plane + p * pixel_stride, 0);
      if (mask) __builtin_prefetch(mask + b * plane + p * pixel_stride, 0);
    }
  }
  const ptrdiff_t weight_stride = layer->chunks * LENGTH * CNN_BLOCK;
  const panel_element *weight = (const panel_element *)layer->weight + block * weight_stride;
  const ptrdiff_t piece = SUM_LENGTH(LENGTH) / LENGTH;
  multiply_tile(
      PIXELS, BLOCKS, LENGTH, input, layer->offsets, 0,
      layer->chunks < piece ? layer->chunks : piece, weight, weight_stride, sums);
  NO_UNROLL
  for (ptrdiff_t first = piece; first < layer->chunks; first += piece) {
    const ptrdiff_t rest = layer->chunks - first;
    vector part[TILE_PIXELS][TILE_VECTORS];
    UNROLL
    for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
      UNROLL
      for (int p = 0; p < PIXELS; p++) part[p][v] = vector_splat(0.0f);
    }
    multiply_tile(
        PIXELS, BLOCKS, LENGTH, input, layer->offsets + first, 0, rest < piece ? rest : piece,
        weight + first * LENGTH * CNN_BLOCK, weight_stride, part);
    UNROLL
    for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
      UNROLL
      for (int p = 0; p < PIXELS; p++) sums[p][v] = vector_add(sums[p][v], part[p][v]);
    }
  }

  if (residual) {
    UNROLL
    for (int p = 0; p < PIXELS; p++) {
      UNROLL
      for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
        sums[p][v] = vector_add(
            sums[p][v], vector_load(
                            residual + v / BLOCK_VECTORS * plane + p * pixel_stride +
                            v % BLOCK_VECTORS * LANES));
      }
    }
  }
  if (mask) {
    UNROLL
    for (int p = 0; p < PIXELS; p++) {
      UNROLL
      for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
        const vector sign = vector_load(
            mask + v / BLOCK_VECTORS * plane + p * pixel_stride + v % BLOCK_VECTORS * LANES);
        sums[p][v] = vector_where_positive(sign, sums[p][v]);
      }
    }
  }
  // max(-infinity, x) is x, so a layer without ReLU runs the same code.
  const vector floor = vector_splat(epilogue->relu ? 0.0f : -INFINITY);
  UNROLL
  for (int p = 0; p < PIXELS; p++) {
    UNROLL
    for (int v = 0; v < BLOCKS * BLOCK_VECTORS; v++) {
      vector_store(
          output + v / BLOCK_VECTORS * plane + p * pixel_stride + v % BLOCK_VECTORS * LANES,
          vector_larger(floor, sums[p][v]));
    }
  }
}

typedef void convolve_tile_function(
    const struct cnn_convolution *layer, const panel_element *input, ptrdiff_t picture,
    ptrdiff_t block, ptrdiff_t pixel);

#define CONVOLVE_TILE_OF(layout, length, pixels, blocks)                                      \
  static void convolve_##layout##_##pixels##x##blocks(                                        \
      const struct cnn_convolution *layer, const panel_element *input, ptrdiff_t picture,      \
      ptrdiff_t block, ptrdiff_t pixel) {                                                     \
    convolve_tile(pixels, blocks, length, layer, input, picture, block, pixel);               \
  }
#if PANEL_STEP == 1
#define CONVOLVE_TILE(pixels, blocks)                                                         \
  CONVOLVE_TILE_OF(planar, 1, pixels, blocks)                                                 \
  CONVOLVE_TILE_OF(blocked, CNN_BLOCK, pixels, blocks)
#define ENTRY(pixels, blocks)                                                                 \
  [blocks - 1][pixels - 1] = {                                                                \
      convolve_planar_##pixels##x##blocks, convolve_blocked_##pixels##x##blocks},
#else
// In bfloat16 two neighbouring channels are multiplied at once; planar maps have none.
#define CONVOLVE_TILE(pixels, blocks) CONVOLVE_TILE_OF(blocked, CNN_BLOCK, pixels, blocks)
#define ENTRY(pixels, blocks) [blocks - 1][pixels - 1][1] = convolve_blocked_##pixels##x##blocks,
#endif
TILE_SIZES(CONVOLVE_TILE)
#undef CONVOLVE_TILE

/// The function for tiles of `pixels` by `blocks` of a map with `length` elements a pixel.
ALWAYS_INLINE convolve_tile_function *convolve_tile_of(
    ptrdiff_t pixels, ptrdiff_t blocks, ptrdiff_t length) {
  static convolve_tile_function *const table[TILE_BLOCKS][TILE_PIXELS][2] = {TILE_SIZES(ENTRY)};
#undef ENTRY
  return table[blocks - 1][pixels - 1][length == CNN_BLOCK];
}

/// The number of blocks from `block` on that one register tile computes: they share their input, so
/// they belong to one group of channels.
ALWAYS_INLINE ptrdiff_t tile_blocks(ptrdiff_t block, ptrdiff_t last, ptrdiff_t group_blocks) {
  const ptrdiff_t group_last = (block / group_blocks + 1) * group_blocks;
  const ptrdiff_t end = last < group_last ? last : group_last;
  return end - block < TILE_BLOCKS ? end - block : TILE_BLOCKS;
}

/// Computes some rows and blocks of a picture's results.
static void convolve(const struct cnn_convolution *layer, struct cnn_unit unit) {
  const ptrdiff_t width = layer->output_width;
  // Tiles of nearly equal width: one with few pixels takes longer for each pixel.
  const ptrdiff_t tiles = (width + TILE_PIXELS - 1) / TILE_PIXELS;
  ptrdiff_t blocks;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block += blocks) {
    blocks = tile_blocks(block, unit.last_block, layer->group_blocks);
    const panel_element *input = (const panel_element *)layer->input +
                                unit.picture * layer->input_picture_stride +
                                block / layer->group_blocks * layer->input_group_stride;
    for (ptrdiff_t row = unit.first; row < unit.last; row++) {
      for (ptrdiff_t tile = 0; tile < tiles; tile++) {
        const ptrdiff_t first = tile * width / tiles, last = (tile + 1) * width / tiles;
        convolve_tile_of(last - first, blocks, layer->length)(
            layer,
            input + (row - layer->first_row) * layer->input_row_stride + first * layer->length,
            unit.picture, block,
            row * layer->output_row_stride + first * layer->output_pixel_stride);
      }
    }
  }
}
