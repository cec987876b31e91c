// Linear layers with a weight [inputs][outputs]: each row of it is added, times an input, to the sums of
// all outputs.

/// sums[p][v] += the products of `rows` inputs, one chain of additions for each sum. `columns` columns
/// of the weight remain, perhaps fewer than a tile's.
ALWAYS_INLINE void linear_add_rows(
    const int PICTURES, const float *input, ptrdiff_t input_stride, const char *weight,
    ptrdiff_t weight_stride, ptrdiff_t rows, ptrdiff_t columns, float *sums,
    ptrdiff_t sums_stride) {
  vector tile[LINEAR_PICTURES][LINEAR_VECTORS];
  linear_clear_tile(PICTURES, tile);
  const bool is_whole = columns >= LINEAR_VECTORS * LANES;
  const char *next = weight + rows * weight_stride;
  NO_UNROLL
  for (ptrdiff_t row = 0; row < rows; row++) {
    vector weights[LINEAR_VECTORS];
    UNROLL
    for (int v = 0; v < LINEAR_VECTORS; v++) {
      const char *address = weight + row * weight_stride + v * sizeof(vector);
      if (is_whole || columns >= (v + 1) * LANES) {
        weights[v] = linear_load(address);
        LINEAR_PREFETCH(next + row * weight_stride + v * sizeof(vector));
      } else {
        weights[v] = columns > v * LANES ? linear_load_some(address, columns - v * LANES)
                                         : vector_splat(0.0f);
      }
    }
    linear_multiply_tile(PICTURES, input + row, input_stride, weights, tile);
  }
  linear_add_tile(PICTURES, tile, sums, sums_stride);
}

// Columns of a unit: the sums of LINEAR_BATCH pictures, 64 KiB, stay in the level 2 cache.
enum { LINEAR_UNIT_COLUMNS = 1024 };

/// Adds the products of `rows` inputs from `row` on to the sums of the columns first ..< last.
static void linear_columns_rows(
    const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last, ptrdiff_t first_picture,
    ptrdiff_t pictures, ptrdiff_t row, ptrdiff_t rows, float *sums) {
  const ptrdiff_t inputs = layer->inputs, stride = layer->outputs * sizeof(float);
  const float *input = layer->input + first_picture * inputs + row;
  const char *weight = (const char *)layer->weight + row * stride;
  for (ptrdiff_t column = first; column < last; column += LINEAR_VECTORS * LANES) {
    ptrdiff_t tile;
    for (ptrdiff_t picture = 0; picture < pictures; picture += tile) {
      tile = linear_tile_pictures(picture, pictures);
      switch (tile) {
#define CASE(pictures)                                                                         \
  case pictures:                                                                               \
    linear_add_rows(                                                                           \
        pictures, input + picture * inputs, inputs, weight + column * sizeof(float), stride,   \
        rows, last - column, sums + picture * LINEAR_UNIT_COLUMNS + (column - first),          \
        LINEAR_UNIT_COLUMNS);                                                                  \
    break;
        LINEAR_PICTURE_COUNTS(CASE)
#undef CASE
      }
    }
  }
}

/// Computes the outputs first ..< last.
static void linear_columns(const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last) {
  float sums[LINEAR_BATCH * LINEAR_UNIT_COLUMNS];
  for (ptrdiff_t column = first; column < last; column += LINEAR_UNIT_COLUMNS) {
    const ptrdiff_t end = column + LINEAR_UNIT_COLUMNS < last ? column + LINEAR_UNIT_COLUMNS : last;
    for (ptrdiff_t picture = 0; picture < layer->pictures; picture += LINEAR_BATCH) {
      const ptrdiff_t pictures = linear_batch(layer, picture);
      memset(sums, 0, pictures * LINEAR_UNIT_COLUMNS * sizeof(float));
      for (ptrdiff_t row = 0; row < layer->inputs; row += LINEAR_GRAIN) {
        const ptrdiff_t rest = layer->inputs - row;
        linear_columns_rows(
            layer, column, end, picture, pictures, row, rest < LINEAR_GRAIN ? rest : LINEAR_GRAIN,
            sums);
      }
      for (ptrdiff_t p = 0; p < pictures; p++) {
        for (ptrdiff_t output = column; output < end; output++) {
          layer->output[(picture + p) * layer->outputs + output] = linear_finish(
              layer, output, sums[p * LINEAR_UNIT_COLUMNS + (output - column)]);
        }
      }
    }
  }
}
