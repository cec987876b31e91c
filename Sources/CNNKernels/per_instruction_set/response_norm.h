// Local response normalisation across the channels of blocked maps.

/// Normalises one pixel, whose blocks are `block_stride` apart.
ALWAYS_INLINE void normalize_pixel(
    const struct cnn_response_norm *layer, const float *input, float *output,
    ptrdiff_t block_stride) {
  // A block of zeros on each side takes the part of the channels outside.
  float squares[(CNN_RESPONSE_NORM_BLOCKS + 2) * CNN_BLOCK];
  const vector zero = vector_splat(0.0f);
  for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
    vector_store(squares + lane, zero);
    vector_store(squares + (layer->blocks + 1) * CNN_BLOCK + lane, zero);
  }
  for (ptrdiff_t block = 0; block < layer->blocks; block++) {
    for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
      const vector value = vector_load(input + block * block_stride + lane);
      vector_store(squares + (block + 1) * CNN_BLOCK + lane, vector_multiply(value, value));
    }
  }
  const vector alpha = vector_splat(layer->alpha), bias = vector_splat(layer->bias);
  for (ptrdiff_t block = 0; block < layer->blocks; block++) {
    for (int lane = 0; lane < CNN_BLOCK; lane += LANES) {
      const float *centre = squares + (block + 1) * CNN_BLOCK + lane;
      vector sum = vector_load(centre - layer->radius);
      for (ptrdiff_t shift = 1 - layer->radius; shift <= layer->radius; shift++) {
        sum = vector_add(sum, vector_load(centre + shift));
      }
      // x^(3/4) = x^(1/2) * x^(1/4)
      const vector root = vector_square_root(vector_multiply_add(alpha, sum, bias));
      const vector power = vector_multiply(root, vector_square_root(root));
      const ptrdiff_t offset = block * block_stride + lane;
      vector_store(output + offset, vector_divide(vector_load(input + offset), power));
    }
  }
}

/// Normalises some pixels of a picture.
static void response_norm(const struct cnn_response_norm *layer, struct cnn_unit unit) {
  const float *input = layer->input + unit.picture * layer->input_picture_stride;
  float *output = layer->output + unit.picture * layer->output_picture_stride;
  for (ptrdiff_t pixel = unit.first; pixel < unit.last; pixel++) {
    normalize_pixel(
        layer, input + pixel * CNN_BLOCK, output + pixel * CNN_BLOCK, layer->plane * CNN_BLOCK);
  }
}
