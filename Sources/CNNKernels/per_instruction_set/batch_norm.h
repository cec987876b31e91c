// Batch normalisation, forward; see `struct cnn_batch_norm`.

/// Writes the sums of some blocks of a picture.
static void batch_norm_sums(const struct cnn_batch_norm *layer, struct cnn_unit unit) {
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const float *input = layer->input + unit.picture * layer->input_picture_stride +
                         block * layer->plane * CNN_BLOCK;
    double *target = layer->sums + (unit.picture * layer->blocks + block) * 2 * CNN_BLOCK;
    for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
      struct wide_sums sums = {0};
      NO_UNROLL
      for (ptrdiff_t pixel = 0; pixel < layer->plane; pixel++) {
        const vector x = vector_load(input + pixel * CNN_BLOCK + lane);
        wide_add(&sums, x, x);
      }
      wide_store(&sums, target + lane);
    }
  }
}

/// Writes the statistics of the batch for some blocks.
static void batch_norm_finish(const struct cnn_batch_norm *layer, struct cnn_unit unit) {
  const double count = (double)(layer->pictures * layer->plane);
  for (ptrdiff_t channel = unit.first_block * CNN_BLOCK; channel < unit.last_block * CNN_BLOCK;
       channel++) {
    double totals[2];
    wide_total(layer->sums, layer->pictures, layer->blocks, channel, totals);
    const double mean = totals[0] / count, difference = totals[1] / count - mean * mean;
    // Rounding can make the difference of two nearly equal values negative.
    const double variance = difference > 0 ? difference : 0;
    const double inverse = 1 / sqrt(variance + (double)layer->epsilon);
    layer->mean[channel] = (float)mean;
    layer->variance[channel] = (float)variance;
    layer->inverse[channel] = (float)inverse;
    layer->factor[channel] = (float)(layer->gamma[channel] * inverse);
  }
}

/// Normalises some pixels and blocks of a picture.
static void batch_norm_forward(const struct cnn_batch_norm *layer, struct cnn_unit unit) {
  const vector floor = vector_splat(layer->relu ? 0.0f : -INFINITY);
  const vector ceiling = vector_splat(layer->ceiling);
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const ptrdiff_t start = block * layer->plane * CNN_BLOCK;
    const float *input = layer->input + unit.picture * layer->input_picture_stride + start;
    float *output = layer->output + unit.picture * layer->output_picture_stride + start;
    const float *residual =
        layer->residual
            ? layer->residual + unit.picture * layer->residual_picture_stride + start
            : NULL;
    vector mean[BLOCK_VECTORS], factor[BLOCK_VECTORS], beta[BLOCK_VECTORS];
    UNROLL
    for (int part = 0; part < BLOCK_VECTORS; part++) {
      const ptrdiff_t channel = block * CNN_BLOCK + part * LANES;
      mean[part] = vector_load(layer->mean + channel);
      factor[part] = vector_load(layer->factor + channel);
      beta[part] = vector_load(layer->beta + channel);
    }
    for (ptrdiff_t pixel = unit.first; pixel < unit.last; pixel++) {
      UNROLL
      for (int part = 0; part < BLOCK_VECTORS; part++) {
        const ptrdiff_t index = pixel * CNN_BLOCK + part * LANES;
        vector y = vector_multiply_add(
            vector_subtract(vector_load(input + index), mean[part]), factor[part], beta[part]);
        if (residual) y = vector_add(y, vector_load(residual + index));
        vector_store(output + index, vector_smaller(ceiling, vector_larger(floor, y)));
      }
    }
  }
}
