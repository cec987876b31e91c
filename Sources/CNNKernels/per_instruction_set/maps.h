// Sums of blocked maps, copies of some of their pixels, and the changes between the blocked and the
// planar layout.

/// Adds some blocks of a picture.
static void add(const struct cnn_addition *layer, struct cnn_unit unit) {
  const vector floor = vector_splat(layer->relu ? 0.0f : -INFINITY);
  const ptrdiff_t first = unit.first_block * layer->plane * CNN_BLOCK;
  const ptrdiff_t last = unit.last_block * layer->plane * CNN_BLOCK;
  const float *a = layer->first + unit.picture * layer->first_picture_stride;
  const float *b = layer->second + unit.picture * layer->second_picture_stride;
  float *output = layer->output + unit.picture * layer->output_picture_stride;
  for (ptrdiff_t index = first; index < last; index += LANES) {
    const vector sum = vector_add(vector_load(a + index), vector_load(b + index));
    vector_store(output + index, vector_larger(floor, sum));
  }
}

/// Channels of a block that exist; the others are zeros.
ALWAYS_INLINE ptrdiff_t channels_of_block(ptrdiff_t block, ptrdiff_t channels) {
  const ptrdiff_t rest = channels - block * CNN_BLOCK;
  return rest < CNN_BLOCK ? rest : CNN_BLOCK;
}

/// Writes some blocks of a picture's blocked map from the planar one.
static void to_blocked(const struct cnn_rearrangement *map, struct cnn_unit unit) {
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const ptrdiff_t count = channels_of_block(block, map->channels);
    const float *planar = map->planar + unit.picture * map->planar_picture_stride +
                          block * CNN_BLOCK * map->plane;
    float *blocked = map->blocked + unit.picture * map->blocked_picture_stride +
                     block * map->plane * CNN_BLOCK;
    for (ptrdiff_t pixel = 0; pixel < map->plane; pixel++, blocked += CNN_BLOCK) {
      for (ptrdiff_t lane = 0; lane < CNN_BLOCK; lane++) {
        blocked[lane] = lane < count ? planar[lane * map->plane + pixel] : 0;
      }
    }
  }
}

/// Writes the channels of some blocks of a picture's planar map from the blocked one.
static void to_planar(const struct cnn_rearrangement *map, struct cnn_unit unit) {
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const ptrdiff_t count = channels_of_block(block, map->channels);
    float *planar = map->planar + unit.picture * map->planar_picture_stride +
                    block * CNN_BLOCK * map->plane;
    const float *blocked = map->blocked + unit.picture * map->blocked_picture_stride +
                           block * map->plane * CNN_BLOCK;
    for (ptrdiff_t lane = 0; lane < count; lane++) {
      for (ptrdiff_t pixel = 0; pixel < map->plane; pixel++) {
        planar[lane * map->plane + pixel] = blocked[pixel * CNN_BLOCK + lane];
      }
    }
  }
}

/// Copies the pixels of some blocks of a picture that a 1x1 convolution with a stride reads.
static void subsample(const struct cnn_subsampling *layer, struct cnn_unit unit) {
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const float *plane = layer->input + unit.picture * layer->input_picture_stride +
                         block * layer->height * layer->width * CNN_BLOCK;
    float *output = layer->output + unit.picture * layer->output_picture_stride +
                    block * layer->output_height * layer->output_width * CNN_BLOCK;
    for (ptrdiff_t y = 0; y < layer->output_height; y++) {
      const float *row = plane + y * layer->row_stride * layer->width * CNN_BLOCK;
      for (ptrdiff_t x = 0; x < layer->output_width; x++, output += CNN_BLOCK) {
        const float *pixel = row + x * layer->column_stride * CNN_BLOCK;
        UNROLL
        for (int part = 0; part < BLOCK_VECTORS; part++) {
          vector_store(output + part * LANES, vector_load(pixel + part * LANES));
        }
      }
    }
  }
}
