// The gradient of the input of a depthwise convolution; see `struct cnn_depthwise_gradient`.
//
// With a stride s the input falls into phases: its columns 0, s, 2s ..., then 1, s + 1, ... Each pixel
// of a phase lay under the same taps, so its gradient is a small convolution of the result's
// gradient.

/// The taps of one direction that reach the pixels phase + stride * r of the input: under tap
/// `taps[i]` of result r + distances[i].
struct phase_taps {
  ptrdiff_t count;
  ptrdiff_t taps[CNN_DEPTHWISE_KERNEL], distances[CNN_DEPTHWISE_KERNEL];
};

/// `before` is the padding in front of the input.
ALWAYS_INLINE struct phase_taps phase_taps_of(
    ptrdiff_t phase, ptrdiff_t stride, ptrdiff_t before, ptrdiff_t kernel) {
  struct phase_taps result = {0};
  for (ptrdiff_t tap = 0; tap < kernel; tap++) {
    const ptrdiff_t distance = phase + before - tap;
    if (distance % stride != 0) continue;
    result.taps[result.count] = tap;
    result.distances[result.count++] = distance / stride;
  }
  return result;
}

/// The gradients of PIXELS pixels of a phase in LANES channels, from its pixel `first` on in its row
/// `row`. IS_EDGE says that columns of the result may lie outside. `target` is the first pixel of the
/// phase in its row.
ALWAYS_INLINE void depthwise_gradient_tile(
    const int PIXELS, const bool IS_EDGE, const struct cnn_depthwise_gradient *layer,
    const float *gradient, const float *weight, const struct phase_taps *rows,
    const struct phase_taps *columns, ptrdiff_t row, ptrdiff_t first, float *target) {
  vector sums[DEPTHWISE_PIXELS];
  UNROLL
  for (int p = 0; p < PIXELS; p++) sums[p] = vector_splat(0.0f);
  const ptrdiff_t width = layer->output_width;
  NO_UNROLL
  for (ptrdiff_t i = 0; i < rows->count; i++) {
    const ptrdiff_t y = row + rows->distances[i];
    if (y < 0 || y >= layer->output_height) continue;
    NO_UNROLL
    for (ptrdiff_t j = 0; j < columns->count; j++) {
      const ptrdiff_t x = first + columns->distances[j];
      const float *source = gradient + (y * width + x) * CNN_BLOCK;
      const vector factor = vector_load(
          weight + (rows->taps[i] * layer->kernel_columns + columns->taps[j]) * CNN_BLOCK);
      UNROLL
      for (int p = 0; p < PIXELS; p++) {
        if (IS_EDGE && (x + p < 0 || x + p >= width)) continue;
        sums[p] = vector_multiply_add(vector_load(source + p * CNN_BLOCK), factor, sums[p]);
      }
    }
  }
  UNROLL
  for (int p = 0; p < PIXELS; p++) {
    vector_store(target + (first + p) * layer->column_stride * CNN_BLOCK, sums[p]);
  }
}

typedef void depthwise_gradient_function(
    const struct cnn_depthwise_gradient *layer, const float *gradient, const float *weight,
    const struct phase_taps *rows, const struct phase_taps *columns, ptrdiff_t row,
    ptrdiff_t first, float *target);

#define DEPTHWISE_GRADIENT_TILE(pixels, is_edge)                                               \
  static void depthwise_gradient_##pixels##_##is_edge(                                         \
      const struct cnn_depthwise_gradient *layer, const float *gradient, const float *weight,  \
      const struct phase_taps *rows, const struct phase_taps *columns, ptrdiff_t row,          \
      ptrdiff_t first, float *target) {                                                        \
    depthwise_gradient_tile(                                                                   \
        pixels, is_edge, layer, gradient, weight, rows, columns, row, first, target);          \
  }
DEPTHWISE_SIZES(DEPTHWISE_GRADIENT_TILE, 0)
DEPTHWISE_SIZES(DEPTHWISE_GRADIENT_TILE, 1)
#undef DEPTHWISE_GRADIENT_TILE

/// The gradients of all `pixels` pixels of one phase of a row, in LANES channels.
ALWAYS_INLINE void depthwise_gradient_row(
    const struct cnn_depthwise_gradient *layer, const float *gradient, const float *weight,
    const struct phase_taps *rows, const struct phase_taps *columns, ptrdiff_t row,
    ptrdiff_t pixels, float *target) {
#define ENTRY(pixels, is_edge) depthwise_gradient_##pixels##_##is_edge,
  static depthwise_gradient_function *const table[2][DEPTHWISE_PIXELS] = {
      {DEPTHWISE_SIZES(ENTRY, 0)}, {DEPTHWISE_SIZES(ENTRY, 1)}};
#undef ENTRY
  ptrdiff_t nearest = 0, farthest = 0;
  for (ptrdiff_t j = 0; j < columns->count; j++) {
    if (columns->distances[j] < nearest) nearest = columns->distances[j];
    if (columns->distances[j] > farthest) farthest = columns->distances[j];
  }
  const ptrdiff_t parts = (pixels + DEPTHWISE_PIXELS - 1) / DEPTHWISE_PIXELS;
  for (ptrdiff_t part = 0; part < parts; part++) {
    const ptrdiff_t first = part * pixels / parts, last = (part + 1) * pixels / parts;
    const bool is_edge = first + nearest < 0 || last - 1 + farthest >= layer->output_width;
    table[is_edge][last - first - 1](
        layer, gradient, weight, rows, columns, row, first, target);
  }
}

/// Computes some rows and blocks of a picture's input gradient.
static void depthwise_input_gradient(
    const struct cnn_depthwise_gradient *layer, struct cnn_unit unit) {
  const ptrdiff_t taps = layer->kernel_rows * layer->kernel_columns;
  const ptrdiff_t plane = layer->output_height * layer->output_width * CNN_BLOCK;
  const float *gradients = layer->gradient + unit.picture * layer->gradient_picture_stride;
  float *targets = layer->input_gradient + unit.picture * layer->input_gradient_picture_stride;
  for (ptrdiff_t y = unit.first; y < unit.last; y++) {
    const struct phase_taps rows = phase_taps_of(
        y % layer->row_stride, layer->row_stride, layer->top, layer->kernel_rows);
    for (ptrdiff_t phase = 0; phase < layer->column_stride && phase < layer->width; phase++) {
      const struct phase_taps columns =
          phase_taps_of(phase, layer->column_stride, layer->left, layer->kernel_columns);
      const ptrdiff_t pixels = (layer->width - phase - 1) / layer->column_stride + 1;
      for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
        float *target =
            targets + ((block * layer->height + y) * layer->width + phase) * CNN_BLOCK;
        for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
          depthwise_gradient_row(
              layer, gradients + block * plane + lane,
              layer->weight + block * taps * CNN_BLOCK + lane, &rows, &columns,
              y / layer->row_stride, pixels, target + lane);
        }
      }
    }
  }
}
