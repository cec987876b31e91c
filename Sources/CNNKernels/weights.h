// The weights of convolutions in the order in which the kernels read them.

// The weights of one input at all places for the 16 outputs of a block: [places][16].
ALWAYS_INLINE void gather_weights(
    const struct cnn_weights *weights, ptrdiff_t block, ptrdiff_t input, ptrdiff_t first_place,
    ptrdiff_t places, float *target) {
  const ptrdiff_t group_blocks = (weights->group_outputs + CNN_BLOCK - 1) / CNN_BLOCK;
  const ptrdiff_t in_group = block % group_blocks * CNN_BLOCK;
  const ptrdiff_t first = block / group_blocks * weights->group_outputs + in_group;
  const ptrdiff_t rest = input < weights->inputs ? weights->group_outputs - in_group : 0;
  const char *source = (const char *)weights->source;
  for (ptrdiff_t lane = 0; lane < CNN_BLOCK; lane++) {
    for (ptrdiff_t place = 0; place < places; place++) {
      float weight = 0;
      if (lane < rest) {
        const ptrdiff_t index = (first + lane) * weights->output_stride +
                                input * weights->input_stride +
                                (first_place + place) * weights->place_stride;
        memcpy(&weight, source + index * (ptrdiff_t)sizeof(float), sizeof(float));
        if (weights->factors) weight = (float)(weight * weights->factors[first + lane]);
      }
      target[place * CNN_BLOCK + lane] = weight;
    }
  }
}

static void pack_blocked(const struct cnn_weights *weights, struct cnn_unit unit) {
  const ptrdiff_t inputs = (weights->inputs + CNN_BLOCK - 1) / CNN_BLOCK * CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    float *target = weights->packed + block * inputs * weights->places * CNN_BLOCK;
    for (ptrdiff_t first = 0; first < inputs; first += CNN_BLOCK) {
      for (ptrdiff_t place = 0; place < weights->places; place++) {
        for (ptrdiff_t input = first; input < first + CNN_BLOCK; input++) {
          gather_weights(weights, block, input, place, 1, target);
          target += CNN_BLOCK;
        }
      }
    }
  }
}

static void pack_planar(const struct cnn_weights *weights, struct cnn_unit unit) {
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    float *target = weights->packed + block * weights->inputs * weights->places * CNN_BLOCK;
    for (ptrdiff_t input = 0; input < weights->inputs; input++) {
      gather_weights(weights, block, input, 0, weights->places, target);
      target += weights->places * CNN_BLOCK;
    }
  }
}

// u = the weight transform of g: three vectors to six.
ALWAYS_INLINE void winograd_weight_1d(
    const vector *g, const int g_stride, vector *u, const int u_stride) {
  const vector g0 = g[0], g1 = g[g_stride], g2 = g[2 * g_stride];
  const vector even = vector_multiply_add(vector_splat(2), g2, g0);
  const vector odd = vector_multiply(vector_splat(SQRT_2), g1);
  const vector even_2 = vector_multiply_add(vector_splat(0.5f), g2, g0);
  const vector odd_2 = vector_multiply(vector_splat(SQRT_2 / 2), g1);
  const vector sixth = vector_splat(1.0f / 6), minus_two_thirds = vector_splat(-2.0f / 3);
  u[0] = g0;
  u[u_stride] = vector_multiply(sixth, vector_add(even, odd));
  u[2 * u_stride] = vector_multiply(sixth, vector_subtract(even, odd));
  u[3 * u_stride] = vector_multiply(minus_two_thirds, vector_add(even_2, odd_2));
  u[4 * u_stride] = vector_multiply(minus_two_thirds, vector_subtract(even_2, odd_2));
  u[5 * u_stride] = g2;
}

static void pack_winograd(const struct cnn_weights *weights, struct cnn_unit unit) {
  const ptrdiff_t inputs = (weights->inputs + CNN_BLOCK - 1) / CNN_BLOCK * CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    float *target = weights->packed + block * CNN_WINOGRAD_POINTS * inputs * CNN_BLOCK;
    for (ptrdiff_t input = 0; input < inputs; input++) {
      float kernel[9 * CNN_BLOCK];
      gather_weights(weights, block, input, 0, 9, kernel);
      UNROLL
      for (int part = 0; part < BLOCK_VECTORS; part++) {
        vector half[6][3];
        for (int x = 0; x < 3; x++) {
          vector g[3];
          for (int y = 0; y < 3; y++) {
            g[y] = vector_load(kernel + (y * 3 + x) * CNN_BLOCK + part * LANES);
          }
          winograd_weight_1d(g, 1, &half[0][x], 3);
        }
        for (int y = 0; y < 6; y++) {
          vector u[6];
          winograd_weight_1d(half[y], 1, u, 1);
          for (int x = 0; x < 6; x++) {
            vector_store(
                target + ((y * 6 + x) * inputs + input) * CNN_BLOCK + part * LANES, u[x]);
          }
        }
      }
    }
  }
}
