// Batch normalisation, backward; see `struct cnn_batch_norm_gradient`.

/// What LANES channels of a layer hold for both passes over the map.
struct norm_channels {
  vector mean, inverse, factor, beta, ceiling;
};

ALWAYS_INLINE struct norm_channels norm_channels_of(
    const struct cnn_batch_norm_gradient *layer, ptrdiff_t channel) {
  return (struct norm_channels){
      vector_load(layer->mean + channel), vector_load(layer->inverse + channel),
      vector_load(layer->factor + channel), vector_load(layer->beta + channel),
      vector_splat(layer->ceiling)};
}

/// The gradient of one pixel before ReLU: that of the output, but zero where ReLU or its ceiling cut
/// the output off. `centred` is the input minus its mean; `mask` is the saved output, or NULL.
ALWAYS_INLINE vector norm_masked_gradient(
    const struct norm_channels *channels, bool relu, vector gradient, vector centred,
    const float *mask) {
  if (!relu) return gradient;
  const vector output = mask ? vector_load(mask)
                             : vector_multiply_add(centred, channels->factor, channels->beta);
  const vector below_ceiling =
      vector_where_positive(vector_subtract(channels->ceiling, output), gradient);
  return vector_where_positive(output, below_ceiling);
}

/// Writes the sums of some blocks of a picture, and where asked for the masked gradient.
static void batch_norm_gradient_sums(
    const struct cnn_batch_norm_gradient *layer, struct cnn_unit unit) {
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const ptrdiff_t start = block * layer->plane * CNN_BLOCK;
    const float *input = layer->input + unit.picture * layer->input_picture_stride + start;
    const float *gradient =
        layer->gradient + unit.picture * layer->gradient_picture_stride + start;
    const float *mask =
        layer->mask ? layer->mask + unit.picture * layer->mask_picture_stride + start : NULL;
    float *masked = layer->masked
                        ? layer->masked + unit.picture * layer->masked_picture_stride + start
                        : NULL;
    double *target = layer->sums + (unit.picture * layer->blocks + block) * 2 * CNN_BLOCK;
    for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
      const struct norm_channels channels = norm_channels_of(layer, block * CNN_BLOCK + lane);
      struct wide_sums sums = {0};
      NO_UNROLL
      for (ptrdiff_t pixel = 0; pixel < layer->plane; pixel++) {
        const ptrdiff_t index = pixel * CNN_BLOCK + lane;
        const vector centred = vector_subtract(vector_load(input + index), channels.mean);
        const vector g = norm_masked_gradient(
            &channels, layer->relu, vector_load(gradient + index), centred,
            mask ? mask + index : NULL);
        if (masked) vector_store(masked + index, g);
        wide_add(&sums, g, vector_multiply(centred, channels.inverse));
      }
      wide_store(&sums, target + lane);
    }
  }
}

/// Writes the gradients of gamma and beta and the two means for some blocks.
static void batch_norm_finish_gradient(
    const struct cnn_batch_norm_gradient *layer, struct cnn_unit unit) {
  const double count = (double)(layer->pictures * layer->plane);
  for (ptrdiff_t channel = unit.first_block * CNN_BLOCK; channel < unit.last_block * CNN_BLOCK;
       channel++) {
    double totals[2];
    wide_total(layer->sums, layer->pictures, layer->blocks, channel, totals);
    layer->beta_gradient[channel] = (float)totals[0];
    layer->gamma_gradient[channel] = (float)totals[1];
    layer->gradient_mean[channel] = (float)(totals[0] / count);
    layer->product_mean[channel] = (float)(totals[1] / count);
  }
}

/// Writes the input's gradient for some pixels and blocks of a picture.
static void batch_norm_backward(
    const struct cnn_batch_norm_gradient *layer, struct cnn_unit unit) {
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const ptrdiff_t start = block * layer->plane * CNN_BLOCK;
    const float *input = layer->input + unit.picture * layer->input_picture_stride + start;
    const float *gradient =
        layer->gradient + unit.picture * layer->gradient_picture_stride + start;
    const float *mask =
        layer->mask ? layer->mask + unit.picture * layer->mask_picture_stride + start : NULL;
    float *target =
        layer->input_gradient + unit.picture * layer->input_gradient_picture_stride + start;
    for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
      const ptrdiff_t channel = block * CNN_BLOCK + lane;
      const struct norm_channels channels = norm_channels_of(layer, channel);
      const vector gradient_mean = vector_load(layer->gradient_mean + channel);
      const vector product_mean = vector_load(layer->product_mean + channel);
      for (ptrdiff_t pixel = unit.first; pixel < unit.last; pixel++) {
        const ptrdiff_t index = pixel * CNN_BLOCK + lane;
        const vector centred = vector_subtract(vector_load(input + index), channels.mean);
        const vector g = norm_masked_gradient(
            &channels, layer->relu, vector_load(gradient + index), centred,
            mask ? mask + index : NULL);
        const vector x = vector_multiply(centred, channels.inverse);
        const vector rest =
            vector_subtract_product(vector_subtract(g, gradient_mean), x, product_mean);
        vector_store(target + index, vector_multiply(channels.factor, rest));
      }
    }
  }
}
