// Pooling of blocked maps.

/// The result of one cell, the rows rows[0] ..< rows[1] and columns columns[0] ..< columns[1] of
/// `plane`. NaN in a cell makes its maximum NaN.
ALWAYS_INLINE vector pool_cell(
    const struct cnn_pooling *layer, const float *plane, const ptrdiff_t *rows,
    const ptrdiff_t *columns) {
  vector result = vector_splat(layer->mean ? 0.0f : -INFINITY);
  for (ptrdiff_t y = rows[0]; y < rows[1]; y++) {
    const float *row = plane + y * layer->input_width * CNN_BLOCK;
    for (ptrdiff_t x = columns[0]; x < columns[1]; x++) {
      const vector value = vector_load(row + x * CNN_BLOCK);
      result = layer->mean ? vector_add(result, value)
                           : vector_keep_nan(result, vector_larger(result, value));
    }
  }
  if (!layer->mean) return result;
  return vector_divide(
      result, vector_splat((float)((rows[1] - rows[0]) * (columns[1] - columns[0]))));
}

/// Computes some rows and blocks of a picture's results.
static void pool(const struct cnn_pooling *layer, struct cnn_unit unit) {
  const ptrdiff_t input_plane = layer->input_height * layer->input_width * CNN_BLOCK;
  const ptrdiff_t output_plane = layer->output_height * layer->output_width * CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const float *input =
        layer->input + unit.picture * layer->input_picture_stride + block * input_plane;
    float *output = layer->output + unit.picture * layer->output_picture_stride +
                    block * output_plane + unit.first * layer->output_width * CNN_BLOCK;
    for (ptrdiff_t y = unit.first; y < unit.last; y++) {
      for (ptrdiff_t x = 0; x < layer->output_width; x++, output += CNN_BLOCK) {
        UNROLL
        for (int part = 0; part < BLOCK_VECTORS; part++) {
          vector_store(
              output + part * LANES, pool_cell(
                                         layer, input + part * LANES, layer->rows + 2 * y,
                                         layer->columns + 2 * x));
        }
      }
    }
  }
}
