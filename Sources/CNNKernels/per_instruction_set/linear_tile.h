// What the linear kernels share: the register tile of a few pictures by LINEAR_VECTORS vectors of
// outputs, reading of weights at any address, and what happens to a finished sum.
//
// With few pictures a linear layer takes as long as reading its weight from memory, so each weight is
// read once and multiplied with the inputs of up to LINEAR_BATCH pictures.

// Pictures of a register tile: their sums with LINEAR_VECTORS rows or vectors leave registers for the
// operands. Expands X(pictures) for each number of pictures.
#if LANES == 16
#define LINEAR_PICTURES 6
#define LINEAR_PICTURE_COUNTS(X) X(1) X(2) X(3) X(4) X(5) X(6)
#elif LANES == 8
#define LINEAR_PICTURES 3
#define LINEAR_PICTURE_COUNTS(X) X(1) X(2) X(3)
#else
#define LINEAR_PICTURES 2
#define LINEAR_PICTURE_COUNTS(X) X(1) X(2)
#endif
// Vectors of outputs of a register tile, or rows of a weight [outputs][inputs] that are read side by
// side.
enum { LINEAR_VECTORS = 4 };
// Pictures for which a weight is read once.
enum { LINEAR_BATCH = 16 };
// Inputs whose products make one chain of additions, which is then added to the sum so far. Chains
// of 16 keep the rounding error of n products below (16 + n / 16) * 2^-24 times the sum of their
// magnitudes, where one chain would allow n * 2^-24.
enum { LINEAR_GRAIN = 16 };

// Requests what will be read soon, into the level 2 cache. Any address will do, valid or not.
#define LINEAR_PREFETCH(address) __builtin_prefetch(address, 0, 2)

/// The vector at any address; `memcpy` is how C says that.
ALWAYS_INLINE vector linear_load(const char *address) {
  vector value;
  memcpy(&value, address, sizeof value);
  return value;
}

/// `count` elements at any address, then zeros.
ALWAYS_INLINE vector linear_load_some(const char *address, ptrdiff_t count) {
  float values[LANES] = {0};
  memcpy(values, address, count * sizeof(float));
  return vector_load(values);
}

/// The result of `output` for its sum: with the bias, and ReLU where asked for.
ALWAYS_INLINE float linear_finish(const struct cnn_linear *layer, ptrdiff_t output, float sum) {
  if (layer->bias) sum += layer->bias[output];
  // Written so that NaN stays NaN.
  return layer->relu && sum < 0 ? 0 : sum;
}

/// The number of pictures from `first` on that a register tile computes together, of `count`. Tiles
/// are of nearly equal size: one with few pictures reads the weight for fewer products.
ALWAYS_INLINE ptrdiff_t linear_tile_pictures(ptrdiff_t first, ptrdiff_t count) {
  const ptrdiff_t tiles = (count + LINEAR_PICTURES - 1) / LINEAR_PICTURES;
  for (ptrdiff_t tile = 1;; tile++) {
    const ptrdiff_t end = tile * count / tiles;
    if (end > first) return end - first;
  }
}

/// The number of pictures from `first` on for which the weight is read once.
ALWAYS_INLINE ptrdiff_t linear_batch(const struct cnn_linear *layer, ptrdiff_t first) {
  return layer->pictures - first < LINEAR_BATCH ? layer->pictures - first : LINEAR_BATCH;
}

/// Sets the sums of a register tile to zero.
ALWAYS_INLINE void linear_clear_tile(
    const int PICTURES, vector tile[LINEAR_PICTURES][LINEAR_VECTORS]) {
  UNROLL
  for (int p = 0; p < PICTURES; p++) {
    UNROLL
    for (int v = 0; v < LINEAR_VECTORS; v++) tile[p][v] = vector_splat(0.0f);
  }
}

/// tile[p][v] += input[p * input_stride] * weights[v]: the products of one input.
ALWAYS_INLINE void linear_multiply_tile(
    const int PICTURES, const float *input, ptrdiff_t input_stride,
    const vector weights[LINEAR_VECTORS], vector tile[LINEAR_PICTURES][LINEAR_VECTORS]) {
  UNROLL
  for (int p = 0; p < PICTURES; p++) {
    const vector value = vector_splat(input[p * input_stride]);
    UNROLL
    for (int v = 0; v < LINEAR_VECTORS; v++) {
      tile[p][v] = vector_multiply_add(value, weights[v], tile[p][v]);
    }
  }
}

/// Adds a register tile to `sums`, [PICTURES][LINEAR_VECTORS * LANES], rows `sums_stride` apart.
ALWAYS_INLINE void linear_add_tile(
    const int PICTURES, vector tile[LINEAR_PICTURES][LINEAR_VECTORS], float *sums,
    ptrdiff_t sums_stride) {
  UNROLL
  for (int p = 0; p < PICTURES; p++) {
    UNROLL
    for (int v = 0; v < LINEAR_VECTORS; v++) {
      float *sum = sums + p * sums_stride + v * LANES;
      vector_store(sum, vector_add(vector_load(sum), tile[p][v]));
    }
  }
}
