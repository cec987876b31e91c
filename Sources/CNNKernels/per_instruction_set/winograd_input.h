// The first stage of Winograd's convolution: the inputs are transformed, tile by tile.

/// t = the input transform of d: both INPUTS vectors, 4 or 6.
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

/// Transforms one tile of one block. `input` is its first pixel; rows are `row_stride` apart.
ALWAYS_INLINE void winograd_transform_tile(
    const int INPUTS, const float *input, ptrdiff_t row_stride, panel_element *output,
    ptrdiff_t point_stride) {
  UNROLL
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector half[6][6];
#if WINOGRAD_MEAN_POINTS > 0
    const vector mean = winograd_tile_mean(INPUTS, input + part * LANES, row_stride);
    winograd_store_mean(
        mean, output + INPUTS * INPUTS * point_stride + part * LANES, point_stride);
#endif
    UNROLL
    for (int x = 0; x < INPUTS; x++) {
      vector d[6];
      UNROLL
      for (int y = 0; y < INPUTS; y++) {
        d[y] = vector_load(input + y * row_stride + x * CNN_BLOCK + part * LANES);
#if WINOGRAD_MEAN_POINTS > 0
        d[y] = vector_subtract(d[y], mean);
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

/// Copies the part of a tile that lies inside the map to `tile`; the rest becomes zero.
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

/// Transforms the tiles of a unit in its blocks.
ALWAYS_INLINE void winograd_transform_tiles(
    const int INPUTS, const int RESULTS, const struct cnn_winograd *layer,
    struct cnn_unit unit) {
  const ptrdiff_t width = layer->input_width, row_stride = width * CNN_BLOCK;
  const ptrdiff_t plane_size = layer->input_height * row_stride;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    struct winograd_position position = winograd_position_of(layer, unit.first);
    ptrdiff_t group = (unit.first - layer->first_tile) / layer->group_tiles;
    ptrdiff_t in_group = (unit.first - layer->first_tile) % layer->group_tiles;
    for (ptrdiff_t tile = unit.first; tile < unit.last; tile++) {
      const ptrdiff_t top = position.row * RESULTS - layer->top;
      const ptrdiff_t left = position.column * RESULTS - layer->left;
      const float *plane =
          layer->input + position.picture * layer->input_picture_stride + block * plane_size;
      const float *input = plane + (top * width + left) * CNN_BLOCK;
      panel_element *target =
          (panel_element *)layer->transformed +
          ((group * layer->input_blocks + block) * layer->group_tiles + in_group) * CNN_BLOCK;
      if (top >= 0 && left >= 0 && top + INPUTS <= layer->input_height &&
          left + INPUTS <= width) {
        // The columns that the next tile reads and this one does not.
        winograd_prefetch(INPUTS, RESULTS, input + INPUTS * CNN_BLOCK, row_stride);
        winograd_transform_tile(INPUTS, input, row_stride, target, layer->point_stride);
      } else {
        float edge[6][6][CNN_BLOCK];
        winograd_copy_edge(layer, plane, INPUTS, top, left, edge);
        winograd_transform_tile(
            INPUTS, &edge[0][0][0], 6 * CNN_BLOCK, target, layer->point_stride);
      }
      winograd_advance(layer, &position);
      if (++in_group == layer->group_tiles) {
        in_group = 0;
        group++;
      }
    }
  }
}

/// Transforms the tiles of a unit for the layer's form.
static void winograd_transform(const struct cnn_winograd *layer, struct cnn_unit unit) {
  if (layer->tile_results == 4) {
    winograd_transform_tiles(6, 4, layer, unit);
  } else if (layer->kernel == 5) {
    winograd_transform_tiles(6, 2, layer, unit);
  } else {
    winograd_transform_tiles(4, 2, layer, unit);
  }
}
