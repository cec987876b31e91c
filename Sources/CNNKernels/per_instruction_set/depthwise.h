// Depthwise convolution of blocked maps; see `struct cnn_depthwise`.

// Pixels of a register tile: with a row of up to five taps, an input and the two bounds they take 15
// vectors, of 16 registers.
enum { DEPTHWISE_PIXELS = 7 };

// Expands X(pixels, ...) for each size of a tile.
#define DEPTHWISE_SIZES(X, ...)                                                                \
  X(1, __VA_ARGS__)                                                                            \
  X(2, __VA_ARGS__)                                                                            \
  X(3, __VA_ARGS__)                                                                            \
  X(4, __VA_ARGS__) X(5, __VA_ARGS__) X(6, __VA_ARGS__) X(7, __VA_ARGS__)

/// PIXELS results of one row from column `first` on, in LANES channels, from the taps of the kernel
/// rows `tap_rows`. IS_EDGE says that columns of the input may lie outside. `input` is the pixel
/// under the first kernel row in the input's column 0, `output` the row's first result.
///
/// Every sum is one chain of additions in the order of the taps, whatever the size of the tile.
ALWAYS_INLINE void depthwise_tile(
    const int PIXELS, const int KERNEL, const int STRIDE, const bool IS_EDGE,
    const struct cnn_depthwise *layer, const float *input, const float *weight, vector bias,
    struct result_range tap_rows, ptrdiff_t first, float *output) {
  vector sums[DEPTHWISE_PIXELS];
  UNROLL
  for (int p = 0; p < PIXELS; p++) sums[p] = bias;
  const ptrdiff_t left = first * STRIDE - layer->left, width = layer->width;
  // Requests the rows that the next row of results is the first to read. There is so much work
  // between the loads of new pixels that the processor does not look far enough ahead by itself.
  UNROLL
  for (int s = 0; s < STRIDE; s++) {
    const float *next = input + ((tap_rows.last + s) * width + left) * CNN_BLOCK;
    UNROLL
    for (int column = 0; column < PIXELS * STRIDE; column++) {
      __builtin_prefetch(next + column * CNN_BLOCK, 0, 2);
    }
  }
  NO_UNROLL
  for (ptrdiff_t tap_row = tap_rows.first; tap_row < tap_rows.last; tap_row++) {
    const float *row = input + (tap_row * width + left) * CNN_BLOCK;
    // The bound of an array must be a literal: with KERNEL the compiler keeps it in memory.
    vector weights[5];
    UNROLL
    for (int k = 0; k < KERNEL; k++) {
      weights[k] = vector_load(weight + (tap_row * KERNEL + k) * CNN_BLOCK);
    }
    UNROLL
    for (int column = 0; column < (PIXELS - 1) * STRIDE + KERNEL; column++) {
      if (IS_EDGE && (left + column < 0 || left + column >= width)) continue;
      const vector value = vector_load(row + column * CNN_BLOCK);
      UNROLL
      for (int k = 0; k < KERNEL; k++) {
        const int p = (column - k) / STRIDE;
        if (column >= k && (column - k) % STRIDE == 0 && p < PIXELS) {
          sums[p] = vector_multiply_add(value, weights[k], sums[p]);
        }
      }
    }
  }
  const vector floor = vector_splat(layer->floor), ceiling = vector_splat(layer->ceiling);
  UNROLL
  for (int p = 0; p < PIXELS; p++) {
    vector_store(
        output + (first + p) * CNN_BLOCK, vector_smaller(ceiling, vector_larger(floor, sums[p])));
  }
}

/// The same for one result, with any kernel and stride.
static void depthwise_pixel(
    const struct cnn_depthwise *layer, const float *input, const float *weight, vector bias,
    struct result_range tap_rows, ptrdiff_t first, float *output) {
  vector sum = bias;
  const ptrdiff_t left = first * layer->column_stride - layer->left, width = layer->width;
  for (ptrdiff_t tap_row = tap_rows.first; tap_row < tap_rows.last; tap_row++) {
    for (ptrdiff_t k = 0; k < layer->kernel_columns; k++) {
      if (left + k < 0 || left + k >= width) continue;
      sum = vector_multiply_add(
          vector_load(input + (tap_row * width + left + k) * CNN_BLOCK),
          vector_load(weight + (tap_row * layer->kernel_columns + k) * CNN_BLOCK), sum);
    }
  }
  const vector floor = vector_splat(layer->floor), ceiling = vector_splat(layer->ceiling);
  vector_store(output + first * CNN_BLOCK, vector_smaller(ceiling, vector_larger(floor, sum)));
}

typedef void depthwise_function(
    const struct cnn_depthwise *layer, const float *input, const float *weight, vector bias,
    struct result_range tap_rows, ptrdiff_t first, float *output);

#define DEPTHWISE_TILE(pixels, kernel, stride, is_edge)                                        \
  static void depthwise_##pixels##_##kernel##_##stride##_##is_edge(                            \
      const struct cnn_depthwise *layer, const float *input, const float *weight, vector bias, \
      struct result_range tap_rows, ptrdiff_t first, float *output) {                          \
    depthwise_tile(                                                                            \
        pixels, kernel, stride, is_edge, layer, input, weight, bias, tap_rows, first, output); \
  }
DEPTHWISE_SIZES(DEPTHWISE_TILE, 3, 1, 0)
DEPTHWISE_SIZES(DEPTHWISE_TILE, 3, 1, 1)
DEPTHWISE_SIZES(DEPTHWISE_TILE, 3, 2, 0)
DEPTHWISE_SIZES(DEPTHWISE_TILE, 3, 2, 1)
DEPTHWISE_SIZES(DEPTHWISE_TILE, 5, 1, 0)
DEPTHWISE_SIZES(DEPTHWISE_TILE, 5, 1, 1)
DEPTHWISE_SIZES(DEPTHWISE_TILE, 5, 2, 0)
DEPTHWISE_SIZES(DEPTHWISE_TILE, 5, 2, 1)
#undef DEPTHWISE_TILE

/// Functions for tiles, [whether at an edge][pixels - 1].
typedef depthwise_function *depthwise_tiles[2][DEPTHWISE_PIXELS];

/// The tiles for the layer's kernel and stride, or NULL where there are none.
ALWAYS_INLINE const depthwise_tiles *depthwise_tiles_of(const struct cnn_depthwise *layer) {
#define ENTRY(pixels, kernel, stride, is_edge) \
  depthwise_##pixels##_##kernel##_##stride##_##is_edge,
#define ENTRIES(kernel, stride)                                                                \
  {                                                                                            \
    {DEPTHWISE_SIZES(ENTRY, kernel, stride, 0)}, {DEPTHWISE_SIZES(ENTRY, kernel, stride, 1)}   \
  }
  static const depthwise_tiles table[2][2] = {
      {ENTRIES(3, 1), ENTRIES(3, 2)}, {ENTRIES(5, 1), ENTRIES(5, 2)}};
#undef ENTRIES
#undef ENTRY
  const ptrdiff_t kernel = layer->kernel_columns, stride = layer->column_stride;
  if ((kernel != 3 && kernel != 5) || stride > 2) return NULL;
  return &table[kernel == 5][stride - 1];
}

/// One row of results in LANES channels. `input` is the row under the first kernel row, `output` the
/// row of results.
ALWAYS_INLINE void depthwise_row(
    const struct cnn_depthwise *layer, const depthwise_tiles *tiles, const float *input,
    const float *weight, vector bias, struct result_range tap_rows, float *output) {
  const ptrdiff_t most = tiles ? DEPTHWISE_PIXELS : 1, width = layer->output_width;
  // Tiles of nearly equal width: one with few pixels takes longer for each pixel.
  const ptrdiff_t parts = (width + most - 1) / most;
  for (ptrdiff_t part = 0; part < parts; part++) {
    const ptrdiff_t first = part * width / parts, last = (part + 1) * width / parts;
    const ptrdiff_t left = first * layer->column_stride - layer->left;
    const ptrdiff_t right =
        (last - 1) * layer->column_stride - layer->left + layer->kernel_columns;
    depthwise_function *tile =
        tiles ? (*tiles)[left < 0 || right > layer->width][last - first - 1] : depthwise_pixel;
    tile(layer, input, weight, bias, tap_rows, first, output);
  }
}

/// Computes some rows and blocks of a picture's results.
static void depthwise(const struct cnn_depthwise *layer, struct cnn_unit unit) {
  const depthwise_tiles *tiles = depthwise_tiles_of(layer);
  const ptrdiff_t taps = layer->kernel_rows * layer->kernel_columns;
  const ptrdiff_t row_size = layer->width * CNN_BLOCK;
  const ptrdiff_t output_row = layer->output_width * CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const float *plane = layer->input + unit.picture * layer->input_picture_stride +
                         block * layer->height * row_size;
    float *output = layer->output + unit.picture * layer->output_picture_stride +
                    block * layer->output_height * output_row;
    const float *weight = layer->weight + block * taps * CNN_BLOCK;
    for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
      const vector bias = vector_load(layer->bias + block * CNN_BLOCK + lane);
      for (ptrdiff_t y = unit.first; y < unit.last; y++) {
        const ptrdiff_t top = y * layer->row_stride - layer->top;
        // Kernel row r reads the input's row top + r.
        const struct result_range tap_rows =
            results_inside(top, 1, layer->height, 0, layer->kernel_rows);
        depthwise_row(
            layer, tiles, plane + top * row_size + lane, weight + lane, bias, tap_rows,
            output + y * output_row + lane);
      }
    }
  }
}
