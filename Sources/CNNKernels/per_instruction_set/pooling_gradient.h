// The backward pass of maximum pooling; see `struct cnn_pooling_gradient`.

/// One window of ROWS by COLUMNS inputs in LANES channels: the first of the largest receives the
/// gradient. Where STORES, no other window reads these inputs, and all are written; otherwise the
/// gradient is added to `target`.
ALWAYS_INLINE void max_pool_window(
    const bool STORES, const int ROWS, const int COLUMNS, const float *input, ptrdiff_t row_stride,
    vector gradient, bool relu, float *target) {
  vector largest = vector_load(input);
  UNROLL
  for (int cell = 1; cell < ROWS * COLUMNS; cell++) {
    largest = vector_larger(
        vector_load(input + cell / COLUMNS * row_stride + cell % COLUMNS * CNN_BLOCK), largest);
  }
  if (relu) gradient = vector_where_positive(largest, gradient);
  UNROLL
  for (int cell = 0; cell < ROWS * COLUMNS; cell++) {
    const ptrdiff_t index = cell / COLUMNS * row_stride + cell % COLUMNS * CNN_BLOCK;
    const vector given = vector_where_equal(vector_load(input + index), largest, gradient);
    // Exactly zero where the gradient has been given.
    gradient = vector_subtract(gradient, given);
    vector_store(target + index, STORES ? given : vector_add(vector_load(target + index), given));
  }
}

/// The same for a window of any size, whose gradient is added.
ALWAYS_INLINE void max_pool_any_window(
    ptrdiff_t rows, ptrdiff_t columns, const float *input, ptrdiff_t row_stride, vector gradient,
    bool relu, float *target) {
  vector largest = vector_load(input);
  for (ptrdiff_t y = 0; y < rows; y++) {
    for (ptrdiff_t x = 0; x < columns; x++) {
      largest = vector_larger(vector_load(input + y * row_stride + x * CNN_BLOCK), largest);
    }
  }
  if (relu) gradient = vector_where_positive(largest, gradient);
  for (ptrdiff_t y = 0; y < rows; y++) {
    for (ptrdiff_t x = 0; x < columns; x++) {
      const ptrdiff_t index = y * row_stride + x * CNN_BLOCK;
      const vector given = vector_where_equal(vector_load(input + index), largest, gradient);
      gradient = vector_subtract(gradient, given);
      vector_store(target + index, vector_add(vector_load(target + index), given));
    }
  }
}

/// Whether the windows cut a direction of the map into pairs, with none left over.
ALWAYS_INLINE bool pool_cuts_pairs(ptrdiff_t windows, ptrdiff_t size, const ptrdiff_t *bounds) {
  if (windows * 2 != size) return false;
  for (ptrdiff_t window = 0; window < windows; window++) {
    if (bounds[2 * window] != 2 * window || bounds[2 * window + 1] != 2 * window + 2) {
      return false;
    }
  }
  return true;
}

/// The windows of row `y` of the results, in one plane of input, gradient and target.
ALWAYS_INLINE void max_pool_backward_row(
    const struct cnn_pooling_gradient *layer, bool halves, ptrdiff_t y, const float *input,
    const float *gradient, float *target) {
  const ptrdiff_t row_stride = layer->input_width * CNN_BLOCK, first_row = layer->rows[2 * y];
  const ptrdiff_t rows = layer->rows[2 * y + 1] - first_row;
  for (ptrdiff_t x = 0; x < layer->output_width; x++, gradient += CNN_BLOCK) {
    const ptrdiff_t first_column = layer->columns[2 * x];
    const ptrdiff_t columns = layer->columns[2 * x + 1] - first_column;
    const ptrdiff_t start = first_row * row_stride + first_column * CNN_BLOCK;
    for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
      const float *window = input + start + lane;
      float *cells = target + start + lane;
      const vector g = vector_load(gradient + lane);
      if (halves) {
        max_pool_window(true, 2, 2, window, row_stride, g, layer->relu, cells);
      } else if (rows == 3 && columns == 3) {
        max_pool_window(false, 3, 3, window, row_stride, g, layer->relu, cells);
      } else {
        max_pool_any_window(rows, columns, window, row_stride, g, layer->relu, cells);
      }
    }
  }
}

/// Writes the input's gradient for some blocks of a picture.
static void max_pool_backward(const struct cnn_pooling_gradient *layer, struct cnn_unit unit) {
  const bool halves =
      pool_cuts_pairs(layer->output_height, layer->input_height, layer->rows) &&
      pool_cuts_pairs(layer->output_width, layer->input_width, layer->columns);
  const ptrdiff_t row_stride = layer->input_width * CNN_BLOCK;
  const ptrdiff_t input_plane = layer->input_height * row_stride;
  const ptrdiff_t output_row = layer->output_width * CNN_BLOCK;
  const ptrdiff_t output_plane = layer->output_height * output_row;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const float *input =
        layer->input + unit.picture * layer->input_picture_stride + block * input_plane;
    const float *gradient =
        layer->gradient + unit.picture * layer->gradient_picture_stride + block * output_plane;
    float *target = layer->input_gradient +
                    unit.picture * layer->input_gradient_picture_stride + block * input_plane;
    // Rows of the target that have been set to zero: those that the windows have reached, so that
    // they are in the cache.
    ptrdiff_t zeroed = 0;
    for (ptrdiff_t y = 0; y < layer->output_height; y++) {
      const ptrdiff_t last_row = layer->rows[2 * y + 1];
      if (!halves && last_row > zeroed) {
        memset(target + zeroed * row_stride, 0, (last_row - zeroed) * row_stride * sizeof(float));
        zeroed = last_row;
      }
      max_pool_backward_row(layer, halves, y, input, gradient + y * output_row, target);
    }
    if (!halves) {
      memset(
          target + zeroed * row_stride, 0,
          (layer->input_height - zeroed) * row_stride * sizeof(float));
    }
  }
}
