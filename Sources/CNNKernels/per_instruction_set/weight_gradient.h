// The gradient of a convolution's weights by its definition; see `struct cnn_weight_gradient`.

/// The pixels of a chunk: some pictures, and some rows of the result. No pictures behind the last.
struct gradient_chunk {
  ptrdiff_t first_picture, pictures, first_row, last_row;
};

/// The chunk that begins with a row of a picture.
ALWAYS_INLINE struct gradient_chunk chunk_at(
    const struct cnn_weight_gradient *layer, ptrdiff_t picture, ptrdiff_t row) {
  const ptrdiff_t pictures = layer->pictures - picture, last = row + layer->chunk_rows;
  return (struct gradient_chunk){
      picture, pictures < layer->chunk_pictures ? pictures : layer->chunk_pictures, row,
      last < layer->output_height ? last : layer->output_height};
}

/// The chunk after `chunk`.
ALWAYS_INLINE struct gradient_chunk next_chunk(
    const struct cnn_weight_gradient *layer, struct gradient_chunk chunk) {
  if (chunk.last_row < layer->output_height) {
    return chunk_at(layer, chunk.first_picture, chunk.last_row);
  }
  return chunk_at(layer, chunk.first_picture + chunk.pictures, 0);
}

/// Adds what the pixels of a chunk contribute for one kernel tap, one block of inputs and `blocks`
/// blocks of outputs. Where not `adds`, the result is written even if the tap visits no pixel.
ALWAYS_INLINE void weight_gradient_tap(
    const struct cnn_weight_gradient *layer, struct gradient_chunk chunk, ptrdiff_t tap_row,
    ptrdiff_t tap_column, const float *input, const float *gradient, ptrdiff_t blocks,
    float *result, ptrdiff_t result_stride, bool adds) {
  const ptrdiff_t row_offset = tap_row - layer->top, column_offset = tap_column - layer->left;
  const struct result_range rows = results_inside(
      row_offset, layer->row_stride, layer->height, chunk.first_row, chunk.last_row);
  const struct result_range columns = results_inside(
      column_offset, layer->column_stride, layer->width, 0, layer->output_width);
  const bool is_empty = rows.first >= rows.last || columns.first >= columns.last;
  if (is_empty && adds) return;
  const ptrdiff_t row_size = layer->width * CNN_BLOCK;
  const struct pixel_walk walk = {
      .pictures = is_empty ? 0 : chunk.pictures,
      .rows = rows.last - rows.first,
      .columns = columns.last - columns.first,
      .input_picture_stride = layer->input_picture_stride,
      .input_row_stride = layer->row_stride * row_size,
      .input_pixel_stride = layer->column_stride * CNN_BLOCK,
      .gradient_picture_stride = layer->gradient_picture_stride,
      .gradient_row_stride = layer->output_width * CNN_BLOCK,
      .gradient_plane = layer->output_height * layer->output_width * CNN_BLOCK};
  if (!is_empty) {
    input += (rows.first * layer->row_stride + row_offset) * row_size +
             (columns.first * layer->column_stride + column_offset) * CNN_BLOCK;
    gradient += (rows.first * layer->output_width + columns.first) * CNN_BLOCK;
  }
  gradient_sums(CNN_BLOCK, blocks, &walk, input, gradient, result, result_stride, adds);
}

/// Adds what a chunk contributes to the gradients of a unit.
static void weight_gradient_chunk(
    const struct cnn_weight_gradient *layer, struct cnn_unit unit, struct gradient_chunk chunk) {
  const ptrdiff_t taps = layer->kernel_rows * layer->kernel_columns;
  const ptrdiff_t tap_size = CNN_BLOCK * CNN_BLOCK, block_size = taps * tap_size;
  const ptrdiff_t input_plane = layer->height * layer->width * CNN_BLOCK;
  const ptrdiff_t gradient_plane = layer->output_height * layer->output_width * CNN_BLOCK;
  const bool adds = chunk.first_picture > 0 || chunk.first_row > 0;
  const float *inputs = layer->input + chunk.first_picture * layer->input_picture_stride;
  const float *gradients =
      layer->gradient + chunk.first_picture * layer->gradient_picture_stride;
  ptrdiff_t blocks;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block += blocks) {
    blocks = tile_blocks(block, unit.last_block, layer->group_output_blocks);
    const ptrdiff_t first_input =
        block / layer->group_output_blocks * layer->group_input_blocks;
    for (ptrdiff_t input = unit.first; input < unit.last; input++) {
      float *result = layer->result + (block * layer->group_input_blocks + input) * block_size;
      for (ptrdiff_t tap = 0; tap < taps; tap++) {
        weight_gradient_tap(
            layer, chunk, tap / layer->kernel_columns, tap % layer->kernel_columns,
            inputs + (first_input + input) * input_plane, gradients + block * gradient_plane,
            blocks, result + tap * tap_size, layer->group_input_blocks * block_size, adds);
      }
    }
  }
}

/// Computes the gradients of a unit. All its blocks visit a chunk while it is in the cache.
static void weight_gradient(const struct cnn_weight_gradient *layer, struct cnn_unit unit) {
  struct gradient_chunk chunk = chunk_at(layer, 0, 0);
  for (; chunk.pictures > 0; chunk = next_chunk(layer, chunk)) {
    weight_gradient_chunk(layer, unit, chunk);
  }
}

/// Adds what a chunk of a padded planar map contributes. The taps of a kernel's row read neighbouring
/// elements, as the inputs of a block are, so a row of the kernel is one tile.
static void weight_gradient_planar_chunk(
    const struct cnn_weight_gradient *layer, struct cnn_unit unit, struct gradient_chunk chunk) {
  const ptrdiff_t columns = layer->kernel_columns;
  const ptrdiff_t gradient_row = layer->output_width * CNN_BLOCK;
  const ptrdiff_t gradient_plane = layer->output_height * gradient_row;
  const ptrdiff_t block_size =
      layer->group_input_blocks * layer->kernel_rows * columns * CNN_BLOCK;
  const struct pixel_walk walk = {
      .pictures = chunk.pictures,
      .rows = chunk.last_row - chunk.first_row,
      .columns = layer->output_width,
      .input_picture_stride = layer->input_picture_stride,
      .input_row_stride = layer->row_stride * layer->width,
      .input_pixel_stride = layer->column_stride,
      .gradient_picture_stride = layer->gradient_picture_stride,
      .gradient_row_stride = gradient_row,
      .gradient_plane = gradient_plane};
  const bool adds = chunk.first_picture > 0 || chunk.first_row > 0;
  const float *inputs = layer->input + chunk.first_picture * layer->input_picture_stride;
  const float *gradients = layer->gradient +
                           chunk.first_picture * layer->gradient_picture_stride +
                           chunk.first_row * gradient_row;
  ptrdiff_t blocks;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block += blocks) {
    blocks = tile_blocks(block, unit.last_block, layer->group_output_blocks);
    for (ptrdiff_t line = unit.first; line < unit.last; line++) {
      const ptrdiff_t channel = line / layer->kernel_rows, tap_row = line % layer->kernel_rows;
      const ptrdiff_t input_row =
          channel * layer->height + chunk.first_row * layer->row_stride + tap_row;
      gradient_sums(
          columns, blocks, &walk, inputs + input_row * layer->width,
          gradients + block * gradient_plane,
          layer->result + block * block_size + line * columns * CNN_BLOCK, block_size, adds);
    }
  }
}

/// Computes the gradients of a unit from a padded planar map.
static void weight_gradient_planar(
    const struct cnn_weight_gradient *layer, struct cnn_unit unit) {
  struct gradient_chunk chunk = chunk_at(layer, 0, 0);
  for (; chunk.pictures > 0; chunk = next_chunk(layer, chunk)) {
    weight_gradient_planar_chunk(layer, unit, chunk);
  }
}
