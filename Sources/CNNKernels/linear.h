// Matrix products with few pictures: the time is that of reading the weight, which is read once,
// where it lies.

// Pictures whose sums are in registers together with those of LINEAR_VECTORS rows or columns.
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
// Rows of a weight [outputs][inputs], or vectors of a row, that are walked side by side.
enum { LINEAR_VECTORS = 4 };
// Pictures for which a weight is read once.
enum { LINEAR_BATCH = 16 };

// Has the second-level cache fetch what will be read soon; any address will do.
#define LINEAR_FETCH(address) __builtin_prefetch(address, 0, 2)

// Numbers at any address; `memcpy` is how C says that.
ALWAYS_INLINE vector linear_load(const char *address) {
  vector value;
  memcpy(&value, address, sizeof value);
  return value;
}

// `count` numbers at any address, then zeros.
ALWAYS_INLINE vector linear_load_some(const char *address, ptrdiff_t count) {
  float numbers[LANES] = {0};
  memcpy(numbers, address, count * sizeof(float));
  return vector_load(numbers);
}

ALWAYS_INLINE float linear_finish(const struct cnn_linear *layer, ptrdiff_t output, float sum) {
  if (layer->bias) sum += layer->bias[output];
  // Written so that NaN stays NaN.
  return layer->relu && sum < 0 ? 0 : sum;
}

// Pictures `first ..< first + result` of `count` that go together: as even as can be, because a
// tile of few pictures reads the weight for fewer products.
ALWAYS_INLINE ptrdiff_t linear_tile(ptrdiff_t first, ptrdiff_t count) {
  const ptrdiff_t tiles = (count + LINEAR_PICTURES - 1) / LINEAR_PICTURES;
  for (ptrdiff_t tile = 1;; tile++) {
    const ptrdiff_t end = tile * count / tiles;
    if (end > first) return end - first;
  }
}

// MARK: [outputs][inputs]

// sums[row][p] += products of the inputs begin ..< end, a chain for each lane. Meanwhile the part
// of the weight at `next`, which comes next, is fetched from memory.
ALWAYS_INLINE void linear_dot(
    const int ROWS, const int PICTURES, const float *input, ptrdiff_t input_stride,
    const char *weight, ptrdiff_t weight_stride, const char *next, ptrdiff_t begin, ptrdiff_t end,
    vector *sums, ptrdiff_t sums_stride) {
  vector tile[LINEAR_VECTORS][LINEAR_PICTURES];
  UNROLL
  for (int row = 0; row < ROWS; row++) {
    UNROLL
    for (int p = 0; p < PICTURES; p++) tile[row][p] = sums[row * sums_stride + p];
  }
  ptrdiff_t i = begin;
  NO_UNROLL
  for (; i + LANES <= end; i += LANES) {
    vector values[LINEAR_PICTURES];
    UNROLL
    for (int p = 0; p < PICTURES; p++) values[p] = vector_load(input + p * input_stride + i);
    UNROLL
    for (int row = 0; row < ROWS; row++) {
      const vector weights = linear_load(weight + row * weight_stride + i * sizeof(float));
      LINEAR_FETCH(next + row * weight_stride + (i - begin) * sizeof(float));
      UNROLL
      for (int p = 0; p < PICTURES; p++) {
        tile[row][p] = vector_multiply_add(values[p], weights, tile[row][p]);
      }
    }
  }
  if (i < end) {
    UNROLL
    for (int row = 0; row < ROWS; row++) {
      const vector weights =
          linear_load_some(weight + row * weight_stride + i * sizeof(float), end - i);
      UNROLL
      for (int p = 0; p < PICTURES; p++) {
        const vector value =
            linear_load_some((const char *)(input + p * input_stride + i), end - i);
        tile[row][p] = vector_multiply_add(value, weights, tile[row][p]);
      }
    }
  }
  UNROLL
  for (int row = 0; row < ROWS; row++) {
    UNROLL
    for (int p = 0; p < PICTURES; p++) sums[row * sums_stride + p] = tile[row][p];
  }
}

typedef void linear_dot_function(
    const float *input, ptrdiff_t input_stride, const char *weight, ptrdiff_t weight_stride,
    const char *next, ptrdiff_t begin, ptrdiff_t end, vector *sums, ptrdiff_t sums_stride);

#define LINEAR_DOT(pictures)                                                                   \
  static void linear_dot_1x##pictures(                                                         \
      const float *input, ptrdiff_t input_stride, const char *weight,                          \
      ptrdiff_t weight_stride, const char *next, ptrdiff_t begin, ptrdiff_t end, vector *sums, \
      ptrdiff_t sums_stride) {                                                                 \
    linear_dot(                                                                                \
        1, pictures, input, input_stride, weight, weight_stride, next, begin, end, sums,       \
        sums_stride);                                                                          \
  }                                                                                            \
  static void linear_dot_4x##pictures(                                                         \
      const float *input, ptrdiff_t input_stride, const char *weight,                          \
      ptrdiff_t weight_stride, const char *next, ptrdiff_t begin, ptrdiff_t end, vector *sums, \
      ptrdiff_t sums_stride) {                                                                 \
    linear_dot(                                                                                \
        LINEAR_VECTORS, pictures, input, input_stride, weight, weight_stride, next, begin, end, \
        sums, sums_stride);                                                                    \
  }
LINEAR_PICTURE_COUNTS(LINEAR_DOT)
#undef LINEAR_DOT

// The lanes' sum, always in the same order.
ALWAYS_INLINE float linear_fold(vector sums) {
  float lanes[LANES];
  vector_store(lanes, sums);
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

// Rows of a unit that share the pictures' inputs while those are in the cache.
enum { LINEAR_UNIT_ROWS = 16, LINEAR_INPUT_BLOCK = 4096 };

// The outputs first ..< last, at most LINEAR_UNIT_ROWS, for at most LINEAR_BATCH pictures.
static void linear_rows_unit(
    const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last, ptrdiff_t first_picture,
    ptrdiff_t pictures) {
#define ENTRY(pictures) {linear_dot_1x##pictures, linear_dot_4x##pictures},
  static linear_dot_function *const table[LINEAR_PICTURES][2] = {LINEAR_PICTURE_COUNTS(ENTRY)};
#undef ENTRY
  vector sums[LINEAR_UNIT_ROWS][LINEAR_BATCH];
  memset(sums, 0, sizeof sums);
  const ptrdiff_t inputs = layer->inputs, stride = inputs * sizeof(float);
  const ptrdiff_t block = pictures == 1 ? inputs : LINEAR_INPUT_BLOCK;
  const float *input = layer->input + first_picture * inputs;
  const char *weight = (const char *)layer->weight;
  for (ptrdiff_t begin = 0; begin < inputs; begin += block) {
    const ptrdiff_t end = begin + block < inputs ? begin + block : inputs;
    ptrdiff_t rows;
    for (ptrdiff_t row = first; row < last; row += rows) {
      rows = last - row < LINEAR_VECTORS ? 1 : LINEAR_VECTORS;
      const char *next = row + rows < last ? weight + (row + rows) * stride + begin * sizeof(float)
                                           : weight + first * stride + end * sizeof(float);
      ptrdiff_t tile;
      for (ptrdiff_t picture = 0; picture < pictures; picture += tile) {
        tile = linear_tile(picture, pictures);
        const bool isLast = picture + tile == pictures;
        table[tile - 1][rows > 1](
            input + picture * inputs, inputs, weight + row * stride, stride,
            isLast ? next : weight + row * stride, begin, end, &sums[row - first][picture], LINEAR_BATCH);
      }
    }
  }
  for (ptrdiff_t picture = 0; picture < pictures; picture++) {
    for (ptrdiff_t row = first; row < last; row++) {
      layer->output[(first_picture + picture) * layer->outputs + row] =
          linear_finish(layer, row, linear_fold(sums[row - first][picture]));
    }
  }
}

// Pictures of the batch `first ..< first + result` for which a weight is read once.
ALWAYS_INLINE ptrdiff_t linear_batch(const struct cnn_linear *layer, ptrdiff_t first) {
  return layer->pictures - first < LINEAR_BATCH ? layer->pictures - first : LINEAR_BATCH;
}

static void linear_rows(const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t row = first; row < last; row += LINEAR_UNIT_ROWS) {
    const ptrdiff_t end = row + LINEAR_UNIT_ROWS < last ? row + LINEAR_UNIT_ROWS : last;
    for (ptrdiff_t picture = 0; picture < layer->pictures; picture += LINEAR_BATCH) {
      linear_rows_unit(layer, row, end, picture, linear_batch(layer, picture));
    }
  }
}

// MARK: [inputs][outputs]

// Inputs whose products are summed before they are added to the sums so far: a plain chain over
// all inputs would lose digits.
enum { LINEAR_GRAIN = 16 };

// sums[p][v] += the products of `rows` inputs, a chain for each.
ALWAYS_INLINE void linear_add_rows(
    const int PICTURES, const float *input, ptrdiff_t input_stride, const char *weight,
    ptrdiff_t weight_stride, ptrdiff_t rows, ptrdiff_t columns, float *sums,
    ptrdiff_t sums_stride) {
  vector tile[LINEAR_PICTURES][LINEAR_VECTORS];
  UNROLL
  for (int p = 0; p < PICTURES; p++) {
    UNROLL
    for (int v = 0; v < LINEAR_VECTORS; v++) tile[p][v] = vector_splat(0.0f);
  }
  const bool isWhole = columns >= LINEAR_VECTORS * LANES;
  const char *next = weight + rows * weight_stride;
  NO_UNROLL
  for (ptrdiff_t row = 0; row < rows; row++) {
    vector weights[LINEAR_VECTORS];
    UNROLL
    for (int v = 0; v < LINEAR_VECTORS; v++) {
      const char *place = weight + row * weight_stride + v * sizeof(vector);
      if (isWhole || columns >= (v + 1) * LANES) {
        weights[v] = linear_load(place);
        LINEAR_FETCH(next + row * weight_stride + v * sizeof(vector));
      } else {
        weights[v] = columns > v * LANES ? linear_load_some(place, columns - v * LANES)
                                         : vector_splat(0.0f);
      }
    }
    UNROLL
    for (int p = 0; p < PICTURES; p++) {
      const vector value = vector_splat(input[p * input_stride + row]);
      UNROLL
      for (int v = 0; v < LINEAR_VECTORS; v++) {
        tile[p][v] = vector_multiply_add(value, weights[v], tile[p][v]);
      }
    }
  }
  UNROLL
  for (int p = 0; p < PICTURES; p++) {
    UNROLL
    for (int v = 0; v < LINEAR_VECTORS; v++) {
      float *place = sums + p * sums_stride + v * LANES;
      vector_store(place, vector_add(vector_load(place), tile[p][v]));
    }
  }
}

// Columns of a unit: the sums of LINEAR_BATCH pictures stay in the second-level cache.
enum { LINEAR_UNIT_COLUMNS = 1024 };

// Adds the products of `rows` inputs from `row` on to the sums of one unit.
static void linear_columns_rows(
    const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last, ptrdiff_t first_picture,
    ptrdiff_t pictures, ptrdiff_t row, ptrdiff_t rows, float *sums) {
  const ptrdiff_t inputs = layer->inputs, stride = layer->outputs * sizeof(float);
  const float *input = layer->input + first_picture * inputs + row;
  const char *weight = (const char *)layer->weight + row * stride;
  for (ptrdiff_t column = first; column < last; column += LINEAR_VECTORS * LANES) {
    ptrdiff_t tile;
    for (ptrdiff_t picture = 0; picture < pictures; picture += tile) {
      tile = linear_tile(picture, pictures);
      switch (tile) {
#define CASE(pictures)                                                                         \
  case pictures:                                                                               \
    linear_add_rows(                                                                           \
        pictures, input + picture * inputs, inputs, weight + column * sizeof(float), stride,   \
        rows, last - column, sums + picture * LINEAR_UNIT_COLUMNS + (column - first),          \
        LINEAR_UNIT_COLUMNS);                                                                  \
    break;
        LINEAR_PICTURE_COUNTS(CASE)
#undef CASE
      }
    }
  }
}

static void linear_columns(const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last) {
  float sums[LINEAR_BATCH * LINEAR_UNIT_COLUMNS];
  for (ptrdiff_t column = first; column < last; column += LINEAR_UNIT_COLUMNS) {
    const ptrdiff_t end = column + LINEAR_UNIT_COLUMNS < last ? column + LINEAR_UNIT_COLUMNS : last;
    for (ptrdiff_t picture = 0; picture < layer->pictures; picture += LINEAR_BATCH) {
      const ptrdiff_t pictures = linear_batch(layer, picture);
      memset(sums, 0, pictures * LINEAR_UNIT_COLUMNS * sizeof(float));
      for (ptrdiff_t row = 0; row < layer->inputs; row += LINEAR_GRAIN) {
        const ptrdiff_t rest = layer->inputs - row;
        linear_columns_rows(
            layer, column, end, picture, pictures, row, rest < LINEAR_GRAIN ? rest : LINEAR_GRAIN,
            sums);
      }
      for (ptrdiff_t p = 0; p < pictures; p++) {
        for (ptrdiff_t output = column; output < end; output++) {
          layer->output[(picture + p) * layer->outputs + output] = linear_finish(
              layer, output, sums[p * LINEAR_UNIT_COLUMNS + (output - column)]);
        }
      }
    }
  }
}
