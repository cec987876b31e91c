// The gradient of the weights of a 3x3 convolution by Winograd's minimal filtering F(3x3, 4x4): the
// adjoint of F(4x4, 3x3) in the weights, with the same points. See `struct cnn_winograd_gradient`.

enum {
  // Products in one chain of additions; the sums of the chains are added up. As in a convolution by
  // its definition, that keeps the rounding error small however large the batch is.
  WINOGRAD_SUM_TILES = 128,
  // Points of F(3x3, 4x4), and elements of a square of 16 inputs by 16 outputs.
  WINOGRAD_GRADIENT_POINTS = 36,
  WINOGRAD_SQUARE = CNN_BLOCK * CNN_BLOCK
};

/// t = the adjoint of the output transform of y: four vectors to six.
ALWAYS_INLINE void winograd_gradient_1d(
    const vector *y, const int y_stride, vector *t, const int t_stride) {
  const vector y0 = y[0], y1 = y[y_stride], y2 = y[2 * y_stride], y3 = y[3 * y_stride];
  const vector two = vector_splat(2), half = vector_splat(0.5f);
  const vector root = vector_splat(SQRT_2), half_root = vector_splat(SQRT_2 / 2);
  const vector even = vector_multiply_add(two, y2, y0);
  const vector odd = vector_multiply_add(two, y3, y1);
  const vector even_2 = vector_multiply_add(half, y2, y0);
  const vector odd_2 = vector_multiply_add(half, y3, y1);
  t[0] = y0;
  t[t_stride] = vector_multiply_add(root, odd, even);
  t[2 * t_stride] = vector_subtract_product(even, root, odd);
  t[3 * t_stride] = vector_multiply_add(half_root, odd_2, even_2);
  t[4 * t_stride] = vector_subtract_product(even_2, half_root, odd_2);
  t[5 * t_stride] = y3;
}

/// g = the adjoint of the weight transform of m: six vectors to three.
ALWAYS_INLINE void winograd_weight_gradient_1d(
    const vector *m, const int m_stride, vector *g, const int g_stride) {
  const vector m0 = m[0], m1 = m[m_stride], m2 = m[2 * m_stride], m3 = m[3 * m_stride],
               m4 = m[4 * m_stride], m5 = m[5 * m_stride];
  const vector sum = vector_add(m1, m2), difference = vector_subtract(m1, m2);
  const vector sum_2 = vector_add(m3, m4), difference_2 = vector_subtract(m3, m4);
  const vector sixth = vector_splat(1.0f / 6), two_thirds = vector_splat(2.0f / 3);
  const vector third = vector_splat(1.0f / 3);
  g[0] = vector_subtract_product(vector_multiply_add(sixth, sum, m0), two_thirds, sum_2);
  g[g_stride] = vector_subtract_product(
      vector_multiply(vector_splat(SQRT_2 / 6), difference), vector_splat(SQRT_2 / 3),
      difference_2);
  g[2 * g_stride] = vector_multiply_add(third, vector_subtract(sum, sum_2), m5);
}

/// Transforms one 4x4 tile of one block to points that are `point_stride` apart.
ALWAYS_INLINE void winograd_gradient_transform_tile(
    const float *gradient, ptrdiff_t row_stride, float *output, ptrdiff_t point_stride) {
  UNROLL
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector half[6][4];
    UNROLL
    for (int x = 0; x < 4; x++) {
      vector y[4];
      UNROLL
      for (int row = 0; row < 4; row++) {
        y[row] = vector_load(gradient + row * row_stride + x * CNN_BLOCK + part * LANES);
      }
      winograd_gradient_1d(y, 1, &half[0][x], 4);
    }
    UNROLL
    for (int y = 0; y < 6; y++) {
      vector t[6];
      winograd_gradient_1d(half[y], 1, t, 1);
      UNROLL
      for (int x = 0; x < 6; x++) {
        vector_store(output + (y * 6 + x) * point_stride + part * LANES, t[x]);
      }
    }
  }
}

/// Transforms the tiles of a unit in its blocks; outside of the map the gradient is zero.
static void winograd_gradient_transform(
    const struct cnn_winograd_gradient *layer, struct cnn_unit unit) {
  const struct cnn_winograd tiles = {
      .tile_rows = layer->tile_rows, .tile_columns = layer->tile_columns};
  const ptrdiff_t height = layer->output_height, width = layer->output_width;
  const ptrdiff_t row_stride = width * CNN_BLOCK, point_stride = layer->gradient_point_stride;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    struct winograd_position position = winograd_position_of(&tiles, unit.first);
    float *target = layer->transformed_gradient +
                    (block * layer->group_tiles + unit.first - layer->first_tile) * CNN_BLOCK;
    for (ptrdiff_t tile = unit.first; tile < unit.last; tile++, target += CNN_BLOCK) {
      const ptrdiff_t top = position.row * 4, left = position.column * 4;
      const float *gradient = layer->gradient +
                              position.picture * layer->gradient_picture_stride +
                              (block * height + top) * row_stride + left * CNN_BLOCK;
      if (top + 4 <= height && left + 4 <= width) {
        winograd_prefetch(4, 4, gradient + 4 * CNN_BLOCK, row_stride);
        winograd_gradient_transform_tile(gradient, row_stride, target, point_stride);
      } else {
        float edge[4][4][CNN_BLOCK] = {{{0}}};
        const ptrdiff_t columns = width - left < 4 ? width - left : 4;
        for (ptrdiff_t y = 0; y < 4 && top + y < height; y++) {
          memcpy(edge[y], gradient + y * row_stride, columns * CNN_BLOCK * sizeof(float));
        }
        winograd_gradient_transform_tile(
            &edge[0][0][0], 4 * CNN_BLOCK, target, point_stride);
      }
      winograd_advance(&tiles, &position);
    }
  }
}

/// Transforms the products of a square back, which lie [points][16 inputs][16 outputs], and stores
/// its nine taps, or adds to them where `adds`.
ALWAYS_INLINE void winograd_gradient_finish(const float *products, float *result, bool adds) {
  NO_UNROLL
  for (int index = 0; index < WINOGRAD_SQUARE; index += LANES) {
    vector half[3][6];
    UNROLL
    for (int x = 0; x < 6; x++) {
      vector m[6];
      UNROLL
      for (int y = 0; y < 6; y++) {
        m[y] = vector_load(products + (y * 6 + x) * WINOGRAD_SQUARE + index);
      }
      winograd_weight_gradient_1d(m, 1, &half[0][x], 6);
    }
    UNROLL
    for (int y = 0; y < 3; y++) {
      vector g[3];
      winograd_weight_gradient_1d(half[y], 1, g, 1);
      UNROLL
      for (int x = 0; x < 3; x++) {
        float *target = result + (y * 3 + x) * WINOGRAD_SQUARE + index;
        vector_store(target, adds ? vector_add(vector_load(target), g[x]) : g[x]);
      }
    }
  }
}

/// Writes the products of a unit's input blocks with `blocks` output blocks from `block` on to its
/// scratch memory: [output blocks][input blocks][points][16 inputs][16 outputs].
static void winograd_gradient_multiply_blocks(
    const struct cnn_winograd_gradient *layer, struct cnn_unit unit, ptrdiff_t block,
    ptrdiff_t blocks) {
  const ptrdiff_t plane = layer->group_tiles * CNN_BLOCK, inputs = unit.last - unit.first;
  const ptrdiff_t first_input =
      block / layer->group_output_blocks * layer->group_input_blocks + unit.first;
  for (ptrdiff_t point = 0; point < WINOGRAD_GRADIENT_POINTS; point++) {
    const float *input = layer->transformed_input + point * layer->input_point_stride;
    const float *gradient = layer->transformed_gradient +
                            point * layer->gradient_point_stride + block * plane;
    for (ptrdiff_t tile = 0; tile < layer->tiles; tile += WINOGRAD_SUM_TILES) {
      const ptrdiff_t rest = layer->tiles - tile;
      struct pixel_walk walk = {
          .pictures = 1,
          .rows = 1,
          .columns = rest < WINOGRAD_SUM_TILES ? rest : WINOGRAD_SUM_TILES,
          .input_pixel_stride = CNN_BLOCK,
          .gradient_plane = plane};
      for (ptrdiff_t index = 0; index < inputs; index++) {
        // Of the input, the next block is requested, or the first one of the next point; of the
        // gradient, the two blocks of the next point, in turns.
        walk.input_ahead = index + 1 < inputs
                               ? plane
                               : layer->input_point_stride - (inputs - 1) * plane;
        walk.gradient_ahead = layer->gradient_point_stride + (index & 1) * plane;
        gradient_sums(
            CNN_BLOCK, blocks, &walk, input + (first_input + index) * plane + tile * CNN_BLOCK,
            gradient + tile * CNN_BLOCK,
            unit.scratch + (index * WINOGRAD_GRADIENT_POINTS + point) * WINOGRAD_SQUARE,
            inputs * WINOGRAD_GRADIENT_POINTS * WINOGRAD_SQUARE, tile > 0);
      }
    }
  }
}

/// Computes a unit's gradients from the transformed tiles, a pair of output blocks at a time.
static void winograd_gradient_multiply(
    const struct cnn_winograd_gradient *layer, struct cnn_unit unit) {
  const ptrdiff_t inputs = unit.last - unit.first;
  ptrdiff_t blocks;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block += blocks) {
    blocks = tile_blocks(block, unit.last_block, layer->group_output_blocks);
    winograd_gradient_multiply_blocks(layer, unit, block, blocks);
    for (ptrdiff_t b = 0; b < blocks; b++) {
      for (ptrdiff_t index = 0; index < inputs; index++) {
        winograd_gradient_finish(
            unit.scratch + (b * inputs + index) * WINOGRAD_GRADIENT_POINTS * WINOGRAD_SQUARE,
            layer->result + ((block + b) * layer->group_input_blocks + unit.first + index) * 9 *
                                WINOGRAD_SQUARE,
            layer->adds);
      }
    }
  }
}
