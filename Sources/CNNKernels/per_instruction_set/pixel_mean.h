// The mean of all pixels of blocked maps (global average pooling), forward and backward.

/// Computes the means of some blocks of a picture. Four sums do not wait for one another, and are
/// added up at the end.
static void pixel_mean(const struct cnn_pixel_mean *layer, struct cnn_unit unit) {
  const vector count = vector_splat((float)layer->plane);
  float *output = layer->output + unit.picture * layer->output_picture_stride;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const float *plane = layer->input + unit.picture * layer->input_picture_stride +
                         block * layer->plane * CNN_BLOCK;
    for (int part = 0; part < BLOCK_VECTORS; part++) {
      const float *input = plane + part * LANES;
      vector sums[4];
      UNROLL
      for (int s = 0; s < 4; s++) sums[s] = vector_splat(0.0f);
      ptrdiff_t pixel = 0;
      for (; pixel + 4 <= layer->plane; pixel += 4) {
        UNROLL
        for (int s = 0; s < 4; s++) {
          sums[s] = vector_add(sums[s], vector_load(input + (pixel + s) * CNN_BLOCK));
        }
      }
      for (; pixel < layer->plane; pixel++) {
        sums[0] = vector_add(sums[0], vector_load(input + pixel * CNN_BLOCK));
      }
      const vector sum = vector_add(vector_add(sums[0], sums[1]), vector_add(sums[2], sums[3]));
      vector_store(output + block * CNN_BLOCK + part * LANES, vector_divide(sum, count));
    }
  }
}

/// Gives each pixel of some blocks of a picture its part of the mean's gradient.
static void pixel_mean_backward(const struct cnn_pixel_mean *layer, struct cnn_unit unit) {
  const vector count = vector_splat((float)layer->plane);
  const float *input = layer->input + unit.picture * layer->input_picture_stride;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    float *output = layer->output + unit.picture * layer->output_picture_stride +
                    block * layer->plane * CNN_BLOCK;
    vector values[BLOCK_VECTORS];
    UNROLL
    for (int part = 0; part < BLOCK_VECTORS; part++) {
      values[part] = vector_divide(vector_load(input + block * CNN_BLOCK + part * LANES), count);
    }
    for (ptrdiff_t pixel = 0; pixel < layer->plane; pixel++) {
      UNROLL
      for (int part = 0; part < BLOCK_VECTORS; part++) {
        vector_store(output + pixel * CNN_BLOCK + part * LANES, values[part]);
      }
    }
  }
}
