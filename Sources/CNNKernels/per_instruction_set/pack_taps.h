// The weights of convolutions on their way between [outputs][inputs][taps], in which they are known
// outside, and the orders of the kernels. Training does it at every step, so whole squares of 16
// channels are transposed in registers; `pack_weights.h` packs once, and from any strides.

enum { TAP_SIZE = CNN_BLOCK * CNN_BLOCK };

/// Some channels of a convolution's weights, at most one block of outputs by one of inputs.
struct weight_square {
  /// The element of its first output, first input and first tap in [outputs][inputs][taps].
  ptrdiff_t start;
  /// Distance between two outputs.
  ptrdiff_t output_stride;
  /// Channels that exist, of up to 16.
  ptrdiff_t outputs, inputs;
};

/// The square of an output block, counted through all groups, and an input block of its group.
ALWAYS_INLINE struct weight_square weight_square_of(
    ptrdiff_t group_outputs, ptrdiff_t group_inputs, ptrdiff_t taps, ptrdiff_t output_block,
    ptrdiff_t input_block) {
  const ptrdiff_t group_blocks = (group_outputs + CNN_BLOCK - 1) / CNN_BLOCK;
  const ptrdiff_t in_group = output_block % group_blocks * CNN_BLOCK;
  const ptrdiff_t first_output = output_block / group_blocks * group_outputs + in_group;
  const ptrdiff_t first_input = input_block * CNN_BLOCK, output_stride = group_inputs * taps;
  const ptrdiff_t outputs = group_outputs - in_group, inputs = group_inputs - first_input;
  return (struct weight_square){
      first_output * output_stride + first_input * taps, output_stride,
      outputs < CNN_BLOCK ? outputs : CNN_BLOCK, inputs < CNN_BLOCK ? inputs : CNN_BLOCK};
}

/// Writes the weights of one square to [taps][16 inputs][16 outputs], filled up with zeros.
static void load_weight_square(
    const float *weights, struct weight_square square, ptrdiff_t taps, float *target) {
  const float *source = weights + square.start;
  if (square.outputs == CNN_BLOCK && square.inputs == CNN_BLOCK) {
    // Column c of an output's row is input c / taps and tap c % taps.
    ptrdiff_t input = 0, tap = 0;
    for (ptrdiff_t column = 0; column < CNN_BLOCK * taps; column += CNN_BLOCK) {
      ptrdiff_t targets[CNN_BLOCK];
      for (int j = 0; j < CNN_BLOCK; j++) {
        targets[j] = tap * TAP_SIZE + input * CNN_BLOCK;
        if (++tap == taps) {
          tap = 0;
          input++;
        }
      }
      transpose_block_to(source + column, square.output_stride, target, targets);
    }
    return;
  }
  memset(target, 0, taps * TAP_SIZE * sizeof(float));
  for (ptrdiff_t output = 0; output < square.outputs; output++) {
    for (ptrdiff_t input = 0; input < square.inputs; input++) {
      for (ptrdiff_t tap = 0; tap < taps; tap++) {
        target[tap * TAP_SIZE + input * CNN_BLOCK + output] =
            source[output * square.output_stride + input * taps + tap];
      }
    }
  }
}

/// The reverse: writes the weights of one square from [taps][16 inputs][16 outputs].
static void store_weight_square(
    const float *source, struct weight_square square, ptrdiff_t taps, float *weights) {
  float *target = weights + square.start;
  if (square.outputs == CNN_BLOCK && square.inputs == CNN_BLOCK) {
    ptrdiff_t input = 0, tap = 0;
    for (ptrdiff_t column = 0; column < CNN_BLOCK * taps; column += CNN_BLOCK) {
      float rows[TAP_SIZE];
      for (int j = 0; j < CNN_BLOCK; j++) {
        memcpy(
            rows + j * CNN_BLOCK, source + tap * TAP_SIZE + input * CNN_BLOCK,
            CNN_BLOCK * sizeof(float));
        if (++tap == taps) {
          tap = 0;
          input++;
        }
      }
      transpose_block(rows, CNN_BLOCK, target + column, square.output_stride);
    }
    return;
  }
  for (ptrdiff_t output = 0; output < square.outputs; output++) {
    for (ptrdiff_t input = 0; input < square.inputs; input++) {
      for (ptrdiff_t tap = 0; tap < taps; tap++) {
        target[output * square.output_stride + input * taps + tap] =
            source[tap * TAP_SIZE + input * CNN_BLOCK + output];
      }
    }
  }
}

/// Blocks of the channels that a sum of the convolution goes over.
ALWAYS_INLINE ptrdiff_t packed_input_blocks(const struct cnn_tap_packing *weights) {
  const ptrdiff_t channels = weights->transposes ? weights->group_outputs : weights->group_inputs;
  return (channels + CNN_BLOCK - 1) / CNN_BLOCK;
}

/// The weights [taps][16][16] of an output block and an input block, counted in its group, of the
/// convolution that will read the packed weights; where they lie, or copied to `copy`.
ALWAYS_INLINE const float *packing_source(
    const struct cnn_tap_packing *weights, ptrdiff_t output_block, ptrdiff_t input_block,
    float *copy) {
  const ptrdiff_t group_outputs = (weights->group_outputs + CNN_BLOCK - 1) / CNN_BLOCK;
  const ptrdiff_t group_inputs = (weights->group_inputs + CNN_BLOCK - 1) / CNN_BLOCK;
  if (weights->transposes) {
    const ptrdiff_t group = output_block / group_inputs, input = output_block % group_inputs;
    output_block = group * group_outputs + input_block;
    input_block = input;
  }
  if (weights->is_blocked) {
    return weights->source +
           (output_block * group_inputs + input_block) * weights->source_taps * TAP_SIZE;
  }
  const struct weight_square square = weight_square_of(
      weights->group_outputs, weights->group_inputs, weights->source_taps, output_block,
      input_block);
  load_weight_square(weights->source, square, weights->source_taps, copy);
  return copy;
}

/// Packs for the direct convolution of blocked maps.
static void pack_taps(const struct cnn_tap_packing *weights, struct cnn_unit unit) {
  float copy[CNN_PACKING_TAPS * TAP_SIZE];
  const ptrdiff_t inputs = packed_input_blocks(weights);
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    for (ptrdiff_t input = 0; input < inputs; input++) {
      const float *source = packing_source(weights, block, input, copy);
      float *target = weights->packed + (block * inputs + input) * weights->tap_count * TAP_SIZE;
      for (ptrdiff_t index = 0; index < weights->tap_count; index++, target += TAP_SIZE) {
        const float *tap = source + weights->taps[index] * TAP_SIZE;
        if (weights->transposes) {
          transpose_block(tap, CNN_BLOCK, target, CNN_BLOCK);
        } else {
          memcpy(target, tap, TAP_SIZE * sizeof(float));
        }
      }
    }
  }
}

/// Transforms the nine taps of 16 inputs and 16 outputs for F(4x4, 3x3).
ALWAYS_INLINE void winograd_transform_square(
    const float *source, float *target, ptrdiff_t point_stride) {
  NO_UNROLL
  for (int index = 0; index < TAP_SIZE; index += LANES) {
    vector half[6][5];
    UNROLL
    for (int x = 0; x < 3; x++) {
      vector g[5];
      UNROLL
      for (int y = 0; y < 3; y++) g[y] = vector_load(source + (y * 3 + x) * TAP_SIZE + index);
      winograd_weight_1d(6, 3, g, &half[0][x], 5);
    }
    UNROLL
    for (int y = 0; y < 6; y++) {
      vector u[6];
      winograd_weight_1d(6, 3, half[y], u, 1);
      UNROLL
      for (int x = 0; x < 6; x++) {
        vector_store(target + (y * 6 + x) * point_stride + index, u[x]);
      }
    }
  }
}

/// Packs for Winograd's convolution F(4x4, 3x3).
static void pack_winograd_taps(const struct cnn_tap_packing *weights, struct cnn_unit unit) {
  float copy[9 * TAP_SIZE], turned[9 * TAP_SIZE];
  const ptrdiff_t inputs = packed_input_blocks(weights), point_stride = inputs * TAP_SIZE;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    for (ptrdiff_t input = 0; input < inputs; input++) {
      const float *source = packing_source(weights, block, input, copy);
      if (weights->transposes) {
        for (int tap = 0; tap < 9; tap++) {
          transpose_block(
              source + tap * TAP_SIZE, CNN_BLOCK, turned + (8 - tap) * TAP_SIZE, CNN_BLOCK);
        }
        source = turned;
      }
      winograd_transform_square(
          source, weights->packed + block * 36 * point_stride + input * TAP_SIZE, point_stride);
    }
  }
}

/// Writes weights or their gradient back to [outputs][inputs][taps].
static void unpack_taps(const struct cnn_tap_unpacking *weights, struct cnn_unit unit) {
  const ptrdiff_t inputs = (weights->group_inputs + CNN_BLOCK - 1) / CNN_BLOCK;
  for (ptrdiff_t block = unit.first_block; block < unit.last_block; block++) {
    for (ptrdiff_t input = 0; input < inputs; input++) {
      const struct weight_square square = weight_square_of(
          weights->group_outputs, weights->group_inputs, weights->taps, block, input);
      store_weight_square(
          weights->packed + (block * inputs + input) * weights->taps * TAP_SIZE, square,
          weights->taps, weights->result);
    }
  }
}
