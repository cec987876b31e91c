// The last stage of Winograd's convolution: the products are transformed back and stored.

/// o = the output transform of m: INPUTS vectors to RESULTS.
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

/// The results of one tile in one vector of channels, with the bias.
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

/// Stores the rows and columns of a tile that lie inside the result: `rows` and `columns` remain.
/// `mask` is read where IS_MASKED.
ALWAYS_INLINE void winograd_store(
    const int RESULTS, const bool IS_MASKED, ptrdiff_t row_stride, vector results[4][4],
    const float *residual, const float *mask, float *output, ptrdiff_t rows, ptrdiff_t columns,
    vector floor) {
  UNROLL
  for (int y = 0; y < RESULTS; y++) {
    if (y >= rows) break;
    UNROLL
    for (int x = 0; x < RESULTS; x++) {
      if (x >= columns) break;
      const ptrdiff_t offset = y * row_stride + x * CNN_BLOCK;
      vector result = results[y][x];
      if (residual) result = vector_add(result, vector_load(residual + offset));
      if (IS_MASKED) result = vector_where_positive(vector_load(mask + offset), result);
      vector_store(output + offset, vector_larger(floor, result));
    }
  }
}

/// Stores the largest of each 2x2 results that lie inside.
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

/// Requests the memory of the next tile's results, and of the residual and the mask for them.
ALWAYS_INLINE void winograd_prefetch_results(
    const int RESULTS, bool pool, const float *output, const float *residual, const float *mask,
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
  if (mask) winograd_prefetch(RESULTS, RESULTS, mask + RESULTS * CNN_BLOCK, row_stride);
}

/// Transforms the products of one tile back and stores its results in one block.
ALWAYS_INLINE void winograd_finish_tile(
    const int INPUTS, const int RESULTS, const struct cnn_winograd *layer,
    const float *products, ptrdiff_t point_stride, struct winograd_position position,
    ptrdiff_t block) {
  const struct cnn_epilogue *epilogue = &layer->epilogue;
  const ptrdiff_t top = position.row * RESULTS, left = position.column * RESULTS;
  const ptrdiff_t rows = layer->output_height - top, columns = layer->output_width - left;
  const vector floor = vector_splat(epilogue->relu ? 0.0f : -INFINITY);
  const ptrdiff_t divisor = layer->pool ? 2 : 1;
  const ptrdiff_t row_stride = layer->output_width / divisor * CNN_BLOCK;
  const ptrdiff_t plane = layer->output_height / divisor * row_stride;
  const ptrdiff_t offset =
      block * plane + top / divisor * row_stride + left / divisor * CNN_BLOCK;
  float *output = layer->output + position.picture * layer->output_picture_stride + offset;
  const float *residual =
      epilogue->residual
          ? epilogue->residual + position.picture * epilogue->residual_picture_stride + offset
          : NULL;
  const float *mask = epilogue->mask ? epilogue->mask +
                                           position.picture * epilogue->mask_picture_stride + offset
                                     : NULL;
  winograd_prefetch_results(RESULTS, layer->pool, output, residual, mask, row_stride);
  UNROLL
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector results[4][4];
    vector bias = vector_load(epilogue->bias + block * CNN_BLOCK + part * LANES);
#if WINOGRAD_MEAN_POINTS > 0
    const float *mean = products + INPUTS * INPUTS * point_stride + part * LANES;
    bias = vector_add(bias, winograd_mean_result(mean, point_stride));
#endif
    winograd_results(INPUTS, RESULTS, products + part * LANES, point_stride, bias, results);
    float *target = output + part * LANES;
    if (layer->pool) {
      winograd_store_pooled(RESULTS, row_stride, results, target, rows, columns, floor);
    } else {
      const float *added = residual ? residual + part * LANES : NULL;
      if (mask) {
        winograd_store(
            RESULTS, true, row_stride, results, added, mask + part * LANES, target, rows, columns,
            floor);
      } else {
        winograd_store(
            RESULTS, false, row_stride, results, added, NULL, target, rows, columns, floor);
      }
    }
  }
}

/// Transforms the products of a unit back, those of `blocks` blocks from `block` on.
ALWAYS_INLINE void winograd_finish_tiles(
    const int INPUTS, const int RESULTS, const struct cnn_winograd *layer, struct cnn_unit unit,
    ptrdiff_t block, ptrdiff_t blocks) {
  const ptrdiff_t tiles = unit.last - unit.first;
  const ptrdiff_t point_stride = tiles * blocks * CNN_BLOCK;
  const float *products = unit.scratch;
  struct winograd_position position = winograd_position_of(layer, unit.first);
  for (ptrdiff_t tile = 0; tile < tiles; tile++) {
    for (ptrdiff_t b = 0; b < blocks; b++) {
      winograd_finish_tile(INPUTS, RESULTS, layer, products, point_stride, position, block + b);
      products += CNN_BLOCK;
    }
    winograd_advance(layer, &position);
  }
}

/// The same for the layer's form.
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
