// The weights of convolutions in the order in which the kernels read them.

/// Where a block begins in packed weights whose blocks have `size` elements of `element_size` bytes.
ALWAYS_INLINE void *packed_block(
    const struct cnn_weights *weights, ptrdiff_t block, ptrdiff_t size, size_t element_size) {
  return (char *)weights->packed + (block - weights->first_block) * size * (ptrdiff_t)element_size;
}

// Inputs whose weights are prefetched; measured.
enum { GATHER_AHEAD = 8 };

/// Stores the weights of PANEL_STEP inputs for one block in the order in which they are multiplied.
ALWAYS_INLINE void pack_rows(const float rows[PANEL_STEP][CNN_BLOCK], panel_element *target) {
  for (int part = 0; part < BLOCK_VECTORS; part++) {
    vector values[PANEL_STEP];
    for (int step = 0; step < PANEL_STEP; step++) {
      values[step] = vector_load(rows[step] + part * LANES);
    }
    panel_store_weights(target + part * LANES * PANEL_STEP, values);
  }
}

/// Writes the weights of one input at `taps` taps, from `first_tap` on, for the 16 outputs of a block:
/// [taps][16], zero where there is no such input or output.
ALWAYS_INLINE void gather_weights(
    const struct cnn_weights *weights, ptrdiff_t block, ptrdiff_t input, ptrdiff_t first_tap,
    ptrdiff_t taps, float *target) {
  const ptrdiff_t group_blocks = (weights->group_outputs + CNN_BLOCK - 1) / CNN_BLOCK;
  const ptrdiff_t in_group = block % group_blocks * CNN_BLOCK;
  const ptrdiff_t first = block / group_blocks * weights->group_outputs + in_group;
  const ptrdiff_t rest = input < weights->inputs ? weights->group_outputs - in_group : 0;
  const char *source = (const char *)weights->source;
  if (weights->output_stride == 1 && rest >= CNN_BLOCK && !weights->factors) {
    for (ptrdiff_t tap = 0; tap < taps; tap++) {
      const ptrdiff_t index = first + input * weights->input_stride +
                              (first_tap + tap) * weights->tap_stride;
      const char *row = source + index * (ptrdiff_t)sizeof(float);
      memcpy(target + tap * CNN_BLOCK, row, CNN_BLOCK * sizeof(float));
      // Rows are too far apart for the processor to predict; request what this block and the next
      // one read later.
      const char *ahead = row + GATHER_AHEAD * weights->input_stride * (ptrdiff_t)sizeof(float);
      __builtin_prefetch(ahead);
      __builtin_prefetch(ahead + CNN_BLOCK * sizeof(float));
    }
    return;
  }
  for (ptrdiff_t lane = 0; lane < CNN_BLOCK; lane++) {
    for (ptrdiff_t tap = 0; tap < taps; tap++) {
      float weight = 0;
      if (lane < rest) {
        const ptrdiff_t index = (first + lane) * weights->output_stride +
                                input * weights->input_stride +
                                (first_tap + tap) * weights->tap_stride;
        memcpy(&weight, source + index * (ptrdiff_t)sizeof(float), sizeof(float));
        if (weights->factors) weight = (float)(weight * weights->factors[first + lane]);
      }
      target[tap * CNN_BLOCK + lane] = weight;
    }
  }
}

/// Packs for the direct convolution of blocked maps.
static void pack_blocked(const struct cnn_weights *weights, struct cnn_unit unit) {
  const ptrdiff_t inputs = (weights->inputs + CNN_BLOCK - 1) / CNN_BLOCK * CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    panel_element *target = packed_block(
        weights, block, inputs * weights->taps * CNN_BLOCK, sizeof(panel_element));
    for (ptrdiff_t first = 0; first < inputs; first += CNN_BLOCK) {
      for (ptrdiff_t tap = 0; tap < weights->taps; tap++) {
        for (ptrdiff_t input = first; input < first + CNN_BLOCK; input += PANEL_STEP) {
          float rows[PANEL_STEP][CNN_BLOCK];
          for (ptrdiff_t step = 0; step < PANEL_STEP; step++) {
            gather_weights(weights, block, input + step, tap, 1, rows[step]);
          }
          pack_rows(rows, target);
          target += PANEL_STEP * CNN_BLOCK;
        }
      }
    }
  }
}

#if PANEL_STEP == 1
/// Packs for the direct convolution of planar maps.
static void pack_planar(const struct cnn_weights *weights, struct cnn_unit unit) {
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    float *target =
        packed_block(weights, block, weights->inputs * weights->taps * CNN_BLOCK, sizeof(float));
    for (ptrdiff_t input = 0; input < weights->inputs; input++) {
      gather_weights(weights, block, input, 0, weights->taps, target);
      target += weights->taps * CNN_BLOCK;
    }
  }
}
#endif

/// u = the weight transform of g: KERNEL vectors, 3 or 5, to INPUTS, 4 or 6, `u_stride` apart.
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
  // The squares of the points are 2 and 1/2: g4 joins g2, and g3 joins g1, with that factor.
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

/// Transforms the weights of PANEL_STEP inputs and one block, each [KERNEL][KERNEL][16], to points
/// that are `point_stride` apart.
ALWAYS_INLINE void winograd_transform_weights(
    const int INPUTS, const int KERNEL, const float kernels[PANEL_STEP][25 * CNN_BLOCK],
    panel_element *target, ptrdiff_t point_stride) {
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
        panel_element *point = target + (y * INPUTS + x) * point_stride;
        panel_store_weights(point + part * LANES * PANEL_STEP, u[x]);
      }
    }
  }
#if WINOGRAD_MEAN_POINTS > 0
  winograd_store_kernel_sums(
      KERNEL, kernels, target + INPUTS * INPUTS * point_stride, point_stride);
#endif
}

/// Packs for the layer's Winograd form.
static void pack_winograd(const struct cnn_weights *weights, struct cnn_unit unit) {
  const ptrdiff_t inputs = (weights->inputs + CNN_BLOCK - 1) / CNN_BLOCK * CNN_BLOCK;
  const ptrdiff_t width = weights->kernel + weights->tile_results - 1;
  const ptrdiff_t point_stride = inputs * CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    const ptrdiff_t points = width * width + WINOGRAD_MEAN_POINTS;
    panel_element *target =
        packed_block(weights, block, points * point_stride, sizeof(panel_element));
    for (ptrdiff_t input = 0; input < inputs; input += PANEL_STEP) {
      float kernels[PANEL_STEP][25 * CNN_BLOCK];
      for (ptrdiff_t step = 0; step < PANEL_STEP; step++) {
        gather_weights(weights, block, input + step, 0, weights->taps, kernels[step]);
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
