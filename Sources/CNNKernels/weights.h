// The weights of convolutions in the order in which the kernels read them.

// The largest bit pattern of numbers at any byte address, without their signs. As integers, finite
// numbers come before infinity and infinity before NaN.
static void largest_magnitude(const void *numbers, ptrdiff_t count, uint32_t *bits) {
  uint32_t largest = 0;
  for (ptrdiff_t index = 0; index < count; index++) {
    uint32_t number;
    memcpy(&number, (const char *)numbers + index * (ptrdiff_t)sizeof(number), sizeof(number));
    number &= 0x7fffffff;
    largest = number > largest ? number : largest;
  }
  *bits = largest;
}

// Where a block begins in packed weights whose blocks have `size` numbers of `number_size` bytes.
ALWAYS_INLINE void *packed_block(
    const struct cnn_weights *weights, ptrdiff_t block, ptrdiff_t size, size_t number_size) {
  return (char *)weights->packed + (block - weights->first_block) * size * (ptrdiff_t)number_size;
}

// Inputs whose weights are fetched from memory before they are wanted.
enum { GATHER_AHEAD = 8 };

// Stores the weights of PANEL_STEP inputs for one block as they are multiplied.
ALWAYS_INLINE void pack_rows(const float rows[PANEL_STEP][CNN_BLOCK], panel_number *target) {
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector numbers[PANEL_STEP];
    for (int step = 0; step < PANEL_STEP; step++) {
      numbers[step] = vector_load(rows[step] + part * LANES);
    }
    panel_store_weights(target + part * LANES * PANEL_STEP, numbers);
  }
}

// The weights of one input at some places for the 16 outputs of a block: [places][16].
ALWAYS_INLINE void gather_weights(
    const struct cnn_weights *weights, ptrdiff_t block, ptrdiff_t input, ptrdiff_t first_place,
    ptrdiff_t places, float *target) {
  const ptrdiff_t group_blocks = (weights->group_outputs + CNN_BLOCK - 1) / CNN_BLOCK;
  const ptrdiff_t in_group = block % group_blocks * CNN_BLOCK;
  const ptrdiff_t first = block / group_blocks * weights->group_outputs + in_group;
  const ptrdiff_t rest = input < weights->inputs ? weights->group_outputs - in_group : 0;
  const char *source = (const char *)weights->source;
  if (weights->output_stride == 1 && rest >= CNN_BLOCK && !weights->factors) {
    for (ptrdiff_t place = 0; place < places; place++) {
      const ptrdiff_t index = first + input * weights->input_stride +
                              (first_place + place) * weights->place_stride;
      const char *row = source + index * (ptrdiff_t)sizeof(float);
      memcpy(target + place * CNN_BLOCK, row, CNN_BLOCK * sizeof(float));
      // Rows are too far apart for the processor to see what comes next, here and in the next block.
      const char *ahead = row + GATHER_AHEAD * weights->input_stride * (ptrdiff_t)sizeof(float);
      __builtin_prefetch(ahead);
      __builtin_prefetch(ahead + CNN_BLOCK * sizeof(float));
    }
    return;
  }
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
    panel_number *target = packed_block(
        weights, block, inputs * weights->places * CNN_BLOCK, sizeof(panel_number));
    for (ptrdiff_t first = 0; first < inputs; first += CNN_BLOCK) {
      for (ptrdiff_t place = 0; place < weights->places; place++) {
        for (ptrdiff_t input = first; input < first + CNN_BLOCK; input += PANEL_STEP) {
          float rows[PANEL_STEP][CNN_BLOCK];
          for (ptrdiff_t step = 0; step < PANEL_STEP; step++) {
            gather_weights(weights, block, input + step, place, 1, rows[step]);
          }
          pack_rows(rows, target);
          target += PANEL_STEP * CNN_BLOCK;
        }
      }
    }
  }
}

#if PANEL_STEP == 1
static void pack_planar(const struct cnn_weights *weights, struct cnn_unit unit) {
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    float *target =
        packed_block(weights, block, weights->inputs * weights->places * CNN_BLOCK, sizeof(float));
    for (ptrdiff_t input = 0; input < weights->inputs; input++) {
      gather_weights(weights, block, input, 0, weights->places, target);
      target += weights->places * CNN_BLOCK;
    }
  }
}
#endif

// u = the weight transform of g: three or five vectors to four or six.
ALWAYS_INLINE void winograd_weight_1d(
    const int INPUTS, const int KERNEL, const vector *g, vector *u, const int u_stride) {
  const vector g0 = g[0], g1 = g[1], g2 = g[2];
  if (INPUTS == 4) {
    const vector half = vector_splat(0.5f), sum = vector_add(g0, g2);
    u[0] = g0;
    u[u_stride] = vector_multiply(half, vector_add(sum, g1));
    u[2 * u_stride] = vector_multiply(half, vector_subtract(sum, g1));
    u[3 * u_stride] = g2;
    return;
  }
  const vector two = vector_splat(2), half = vector_splat(0.5f);
  // The powers 2 and 4 of a point fold into g2, and the power 3 into g1.
  const vector g2_2 = KERNEL == 5 ? vector_multiply_add(two, g[4], g2) : g2;
  const vector g2_half = KERNEL == 5 ? vector_multiply_add(half, g[4], g2) : g2;
  const vector g1_2 = KERNEL == 5 ? vector_multiply_add(two, g[3], g1) : g1;
  const vector g1_half = KERNEL == 5 ? vector_multiply_add(half, g[3], g1) : g1;
  const vector even = vector_multiply_add(two, g2_2, g0);
  const vector odd = vector_multiply(vector_splat(SQRT_2), g1_2);
  const vector even_2 = vector_multiply_add(half, g2_half, g0);
  const vector odd_2 = vector_multiply(vector_splat(SQRT_2 / 2), g1_half);
  const vector sixth = vector_splat(1.0f / 6), minus_two_thirds = vector_splat(-2.0f / 3);
  u[0] = g0;
  u[u_stride] = vector_multiply(sixth, vector_add(even, odd));
  u[2 * u_stride] = vector_multiply(sixth, vector_subtract(even, odd));
  u[3 * u_stride] = vector_multiply(minus_two_thirds, vector_add(even_2, odd_2));
  u[4 * u_stride] = vector_multiply(minus_two_thirds, vector_subtract(even_2, odd_2));
  u[5 * u_stride] = g[KERNEL - 1];
}

// Transforms the weights of PANEL_STEP inputs and one block, each [KERNEL][KERNEL][16], to points
// that are `point_stride` apart.
ALWAYS_INLINE void winograd_transform_weights(
    const int INPUTS, const int KERNEL, const float kernels[PANEL_STEP][25 * CNN_BLOCK],
    panel_number *target, ptrdiff_t point_stride) {
  UNROLL
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector half[PANEL_STEP][6][5];
    for (int step = 0; step < PANEL_STEP; step++) {
      for (int x = 0; x < KERNEL; x++) {
        vector g[5];
        for (int y = 0; y < KERNEL; y++) {
          g[y] = vector_load(kernels[step] + (y * KERNEL + x) * CNN_BLOCK + part * LANES);
        }
        winograd_weight_1d(INPUTS, KERNEL, g, &half[step][0][x], 5);
      }
    }
    for (int y = 0; y < INPUTS; y++) {
      vector u[6][PANEL_STEP];
      for (int step = 0; step < PANEL_STEP; step++) {
        winograd_weight_1d(INPUTS, KERNEL, half[step][y], &u[0][step], PANEL_STEP);
      }
      for (int x = 0; x < INPUTS; x++) {
        panel_number *point = target + (y * INPUTS + x) * point_stride;
        panel_store_weights(point + part * LANES * PANEL_STEP, u[x]);
      }
    }
  }
#if WINOGRAD_LEVEL_POINTS > 0
  winograd_store_kernel_sums(
      KERNEL, kernels, target + INPUTS * INPUTS * point_stride, point_stride);
#endif
}

static void pack_winograd(const struct cnn_weights *weights, struct cnn_unit unit) {
  const ptrdiff_t inputs = (weights->inputs + CNN_BLOCK - 1) / CNN_BLOCK * CNN_BLOCK;
  const ptrdiff_t width = weights->kernel + weights->tile_results - 1;
  const ptrdiff_t point_stride = inputs * CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const ptrdiff_t points = width * width + WINOGRAD_LEVEL_POINTS;
    panel_number *target =
        packed_block(weights, block, points * point_stride, sizeof(panel_number));
    for (ptrdiff_t input = 0; input < inputs; input += PANEL_STEP) {
      float kernels[PANEL_STEP][25 * CNN_BLOCK];
      for (ptrdiff_t step = 0; step < PANEL_STEP; step++) {
        gather_weights(weights, block, input + step, 0, weights->places, kernels[step]);
      }
      if (weights->kernel == 5) {
        winograd_transform_weights(6, 5, kernels, target, point_stride);
      } else if (weights->tile_results == 4) {
        winograd_transform_weights(6, 3, kernels, target, point_stride);
      } else {
        winograd_transform_weights(4, 3, kernels, target, point_stride);
      }
      target += PANEL_STEP * CNN_BLOCK;
    }
  }
}
