// The gradient of the weights of a depthwise convolution; see `struct cnn_depthwise_gradient`.

/// Adds what one row of results contributes for ROWS kernel rows of KERNEL taps, in LANES channels.
/// The input's rows all lie inside; taps whose column lies outside are left out. `input` is the row
/// under the first kernel row. Sums are chains of additions along the row, which are then added.
ALWAYS_INLINE void depthwise_weight_row(
    const int ROWS, const int KERNEL, const struct cnn_depthwise_gradient *layer,
    const float *input, const float *gradient, float *total) {
  vector sums[5][5];
  UNROLL
  for (int y = 0; y < ROWS; y++) {
    UNROLL
    for (int k = 0; k < KERNEL; k++) sums[y][k] = vector_splat(0.0f);
  }
  const ptrdiff_t stride = layer->column_stride, row_size = layer->width * CNN_BLOCK;
  // Results for which all taps lie inside.
  const ptrdiff_t first =
      results_inside(-layer->left, stride, layer->width, 0, layer->output_width).first;
  const ptrdiff_t last =
      results_inside(KERNEL - 1 - layer->left, stride, layer->width, 0, layer->output_width).last;
  NO_UNROLL
  for (ptrdiff_t x = 0; x < layer->output_width; x++) {
    const vector g = vector_load(gradient + x * CNN_BLOCK);
    const ptrdiff_t left = x * stride - layer->left;
    if (ROWS > 1) {
      // What the next row of results is the first to read.
      __builtin_prefetch(gradient + (layer->output_width + x) * CNN_BLOCK, 0, 2);
      for (ptrdiff_t s = 0; s < stride; s++) {
        __builtin_prefetch(input + ROWS * row_size + (left + s) * CNN_BLOCK, 0, 2);
      }
    }
    if (__builtin_expect(x >= first && x < last, 1)) {
      UNROLL
      for (int y = 0; y < ROWS; y++) {
        UNROLL
        for (int k = 0; k < KERNEL; k++) {
          sums[y][k] = vector_multiply_add(
              vector_load(input + y * row_size + (left + k) * CNN_BLOCK), g, sums[y][k]);
        }
      }
      continue;
    }
    UNROLL
    for (int k = 0; k < KERNEL; k++) {
      if (left + k < 0 || left + k >= layer->width) continue;
      UNROLL
      for (int y = 0; y < ROWS; y++) {
        sums[y][k] = vector_multiply_add(
            vector_load(input + y * row_size + (left + k) * CNN_BLOCK), g, sums[y][k]);
      }
    }
  }
  UNROLL
  for (int y = 0; y < ROWS; y++) {
    UNROLL
    for (int k = 0; k < KERNEL; k++) {
      float *target = total + (y * KERNEL + k) * CNN_BLOCK;
      vector_store(target, vector_add(vector_load(target), sums[y][k]));
    }
  }
}

/// The same for one tap of any kernel, `column` columns behind its row's first.
static void depthwise_weight_tap(
    const struct cnn_depthwise_gradient *layer, const float *input, ptrdiff_t column,
    const float *gradient, float *total) {
  const ptrdiff_t stride = layer->column_stride, offset = column - layer->left;
  const struct result_range columns =
      results_inside(offset, stride, layer->width, 0, layer->output_width);
  vector sum = vector_splat(0.0f);
  for (ptrdiff_t x = columns.first; x < columns.last; x++) {
    sum = vector_multiply_add(
        vector_load(input + (x * stride + offset) * CNN_BLOCK),
        vector_load(gradient + x * CNN_BLOCK), sum);
  }
  vector_store(total, vector_add(vector_load(total), sum));
}

#define DEPTHWISE_WEIGHT_ROW(rows, kernel)                                                     \
  static void depthwise_weight_##rows##x##kernel(                                              \
      const struct cnn_depthwise_gradient *layer, const float *input, const float *gradient,   \
      float *total) {                                                                          \
    depthwise_weight_row(rows, kernel, layer, input, gradient, total);                         \
  }
DEPTHWISE_WEIGHT_ROW(1, 3)
DEPTHWISE_WEIGHT_ROW(3, 3)
DEPTHWISE_WEIGHT_ROW(1, 5)
#if LANES == 16
// The 25 sums of 5x5 taps need the 32 registers of AVX-512.
DEPTHWISE_WEIGHT_ROW(5, 5)
#endif
#undef DEPTHWISE_WEIGHT_ROW

/// Adds what one row of results contributes for the kernel rows `rows`, in LANES channels. `input` is
/// the row under the first kernel row.
ALWAYS_INLINE void depthwise_weight_rows(
    const struct cnn_depthwise_gradient *layer, struct result_range rows, const float *input,
    const float *gradient, float *total) {
  const ptrdiff_t columns = layer->kernel_columns, row_size = layer->width * CNN_BLOCK;
  const bool are_all = rows.first == 0 && rows.last == layer->kernel_rows;
  if (are_all && columns == 3 && layer->kernel_rows == 3) {
    depthwise_weight_3x3(layer, input, gradient, total);
    return;
  }
#if LANES == 16
  if (are_all && columns == 5 && layer->kernel_rows == 5) {
    depthwise_weight_5x5(layer, input, gradient, total);
    return;
  }
#endif
  for (ptrdiff_t row = rows.first; row < rows.last; row++) {
    const float *source = input + row * row_size;
    float *target = total + row * columns * CNN_BLOCK;
    if (columns == 3) {
      depthwise_weight_1x3(layer, source, gradient, target);
    } else if (columns == 5) {
      depthwise_weight_1x5(layer, source, gradient, target);
    } else {
      for (ptrdiff_t k = 0; k < columns; k++) {
        depthwise_weight_tap(layer, source, k, gradient, target + k * CNN_BLOCK);
      }
    }
  }
}

/// Computes what one picture contributes in some blocks.
static void depthwise_weight_gradient(
    const struct cnn_depthwise_gradient *layer, struct cnn_unit unit) {
  const ptrdiff_t taps = layer->kernel_rows * layer->kernel_columns;
  const ptrdiff_t row_size = layer->width * CNN_BLOCK;
  const ptrdiff_t gradient_row = layer->output_width * CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    float *totals = layer->partial + (unit.picture * layer->blocks + block) * taps * CNN_BLOCK;
    memset(totals, 0, taps * CNN_BLOCK * sizeof(float));
    const float *plane = layer->input + unit.picture * layer->input_picture_stride +
                         block * layer->height * row_size;
    const float *gradients = layer->gradient + unit.picture * layer->gradient_picture_stride +
                             block * layer->output_height * gradient_row;
    for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
      for (ptrdiff_t y = 0; y < layer->output_height; y++) {
        const ptrdiff_t top = y * layer->row_stride - layer->top;
        const struct result_range rows =
            results_inside(top, 1, layer->height, 0, layer->kernel_rows);
        depthwise_weight_rows(
            layer, rows, plane + top * row_size + lane, gradients + y * gradient_row + lane,
            totals + lane);
      }
    }
  }
}

/// Adds up some elements of arrays.
static void partial_sums(
    const struct cnn_partial_sums *arrays, ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t index = first; index < last; index += LANES) {
    vector sum = vector_load(arrays->source + index);
    for (ptrdiff_t n = 1; n < arrays->count; n++) {
      sum = vector_add(sum, vector_load(arrays->source + n * arrays->source_stride + index));
    }
    vector_store(arrays->result + index, sum);
  }
}
