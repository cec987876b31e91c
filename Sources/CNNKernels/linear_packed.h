// Matrix products with a weight that was rearranged into panels, in 32 or 16 bits.

// Outputs of a panel: their sums for one picture are enough chains to hide the latency.
#define LINEAR_PANEL (LINEAR_VECTORS * LANES)

// MARK: 16-bit numbers

ALWAYS_INLINE uint32_t linear_bits(float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof bits);
  return bits;
}

ALWAYS_INLINE float linear_number(uint32_t bits) {
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

// The nearest bfloat16, ties to even; `number` is finite.
ALWAYS_INLINE uint16_t linear_to_bfloat16(float number) {
  const uint32_t bits = linear_bits(number);
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

// The nearest half-precision number, ties to even; `number` is finite and in its range.
ALWAYS_INLINE uint16_t linear_to_float16(float number) {
  const uint32_t bits = linear_bits(number), magnitude = bits & 0x7fffffff;
  const uint16_t sign = bits >> 16 & 0x8000;
  // Below 2^-14 the steps are of 2^-24: adding 0.5, whose last bit is worth that, rounds.
  if (magnitude < 0x38800000) {
    return sign | (linear_bits(linear_number(magnitude) + 0.5f) - 0x3f000000);
  }
  return sign | (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
}

#if LANES == 16
ALWAYS_INLINE vector linear_load_float16(const uint16_t *address) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)address));
}
ALWAYS_INLINE vector linear_load_bfloat16(const uint16_t *address) {
  const __m256i halves = _mm256_loadu_si256((const __m256i *)address);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}
#elif LANES == 8
ALWAYS_INLINE vector linear_load_float16(const uint16_t *address) {
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)address));
}
ALWAYS_INLINE vector linear_load_bfloat16(const uint16_t *address) {
  const __m128i halves = _mm_loadu_si128((const __m128i *)address);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}
#else
typedef uint16_t linear_halves __attribute__((vector_size(8)));
typedef uint32_t linear_words __attribute__((vector_size(16)));
ALWAYS_INLINE linear_words linear_load_words(const uint16_t *address) {
  linear_halves halves;
  memcpy(&halves, address, sizeof halves);
  return __builtin_convertvector(halves, linear_words);
}
ALWAYS_INLINE vector linear_load_float16(const uint16_t *address) {
  const linear_words words = linear_load_words(address);
  // Exponent and fraction in their places are 2^112 too small, subnormals too.
  const vector magnitude = (vector)((words & 0x7fff) << 13) * 0x1p112f;
  return (vector)((linear_words)magnitude | (words & 0x8000) << 16);
}
ALWAYS_INLINE vector linear_load_bfloat16(const uint16_t *address) {
  return (vector)(linear_load_words(address) << 16);
}
#endif

ALWAYS_INLINE ptrdiff_t linear_storage_size(enum cnn_storage storage) {
  return storage == CNN_STORAGE_FLOAT32 ? sizeof(float) : sizeof(uint16_t);
}

ALWAYS_INLINE vector linear_load_stored(
    const enum cnn_storage STORAGE, const char *panel, ptrdiff_t index) {
  switch (STORAGE) {
    case CNN_STORAGE_FLOAT16:
      return linear_load_float16((const uint16_t *)panel + index);
    case CNN_STORAGE_BFLOAT16:
      return linear_load_bfloat16((const uint16_t *)panel + index);
    default:
      return vector_load((const float *)panel + index);
  }
}

// MARK: The product

// Inputs whose part of a panel stays in the cache for all pictures; whole grains.
enum { LINEAR_PANEL_BLOCK = 64 * LINEAR_GRAIN };

// sums[p][v] += the products of the inputs begin ..< end, summed a grain at a time.
ALWAYS_INLINE void linear_multiply_panel(
    const enum cnn_storage STORAGE, const int PICTURES, const float *input,
    ptrdiff_t input_stride, const char *panel, ptrdiff_t begin, ptrdiff_t end, float *sums) {
  for (ptrdiff_t grain = begin; grain < end; grain += LINEAR_GRAIN) {
    const ptrdiff_t stop = grain + LINEAR_GRAIN < end ? grain + LINEAR_GRAIN : end;
    vector tile[LINEAR_PICTURES][LINEAR_VECTORS];
    UNROLL
    for (int p = 0; p < PICTURES; p++) {
      UNROLL
      for (int v = 0; v < LINEAR_VECTORS; v++) tile[p][v] = vector_splat(0.0f);
    }
    NO_UNROLL
    for (ptrdiff_t i = grain; i < stop; i++) {
      vector weights[LINEAR_VECTORS];
      UNROLL
      for (int v = 0; v < LINEAR_VECTORS; v++) {
        weights[v] = linear_load_stored(STORAGE, panel, i * LINEAR_PANEL + v * LANES);
      }
      UNROLL
      for (int p = 0; p < PICTURES; p++) {
        const vector value = vector_splat(input[p * input_stride + i]);
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
        float *place = sums + p * LINEAR_PANEL + v * LANES;
        vector_store(place, vector_add(vector_load(place), tile[p][v]));
      }
    }
  }
}

// The outputs of one panel for at most LINEAR_BATCH pictures.
ALWAYS_INLINE void linear_packed_panel(
    const enum cnn_storage STORAGE, const struct cnn_linear *layer, ptrdiff_t number,
    ptrdiff_t first_picture, ptrdiff_t pictures) {
  float sums[LINEAR_BATCH * LINEAR_PANEL];
  memset(sums, 0, pictures * LINEAR_PANEL * sizeof(float));
  const ptrdiff_t inputs = layer->inputs;
  const char *panel =
      (const char *)layer->weight + number * inputs * LINEAR_PANEL * linear_storage_size(STORAGE);
  const float *input = layer->input + first_picture * inputs;
  for (ptrdiff_t begin = 0; begin < inputs; begin += LINEAR_PANEL_BLOCK) {
    const ptrdiff_t end =
        begin + LINEAR_PANEL_BLOCK < inputs ? begin + LINEAR_PANEL_BLOCK : inputs;
    ptrdiff_t tile;
    for (ptrdiff_t picture = 0; picture < pictures; picture += tile) {
      tile = linear_tile(picture, pictures);
      switch (tile) {
#define CASE(pictures)                                                                         \
  case pictures:                                                                               \
    linear_multiply_panel(                                                                     \
        STORAGE, pictures, input + picture * inputs, inputs, panel, begin, end,                \
        sums + picture * LINEAR_PANEL);                                                        \
    break;
        LINEAR_PICTURE_COUNTS(CASE)
#undef CASE
      }
    }
  }
  const ptrdiff_t first = number * LINEAR_PANEL;
  const ptrdiff_t rest = layer->outputs - first;
  const ptrdiff_t outputs = rest < LINEAR_PANEL ? rest : LINEAR_PANEL;
  for (ptrdiff_t picture = 0; picture < pictures; picture++) {
    for (ptrdiff_t output = 0; output < outputs; output++) {
      layer->output[(first_picture + picture) * layer->outputs + first + output] =
          linear_finish(layer, first + output, sums[picture * LINEAR_PANEL + output]);
    }
  }
}

static void linear_packed(const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t panel = first; panel < last; panel++) {
    for (ptrdiff_t picture = 0; picture < layer->pictures; picture += LINEAR_BATCH) {
      const ptrdiff_t pictures = linear_batch(layer, picture);
      switch (layer->storage) {
        case CNN_STORAGE_FLOAT32:
          linear_packed_panel(CNN_STORAGE_FLOAT32, layer, panel, picture, pictures);
          break;
        case CNN_STORAGE_FLOAT16:
          linear_packed_panel(CNN_STORAGE_FLOAT16, layer, panel, picture, pictures);
          break;
        case CNN_STORAGE_BFLOAT16:
          linear_packed_panel(CNN_STORAGE_BFLOAT16, layer, panel, picture, pictures);
          break;
      }
    }
  }
}

// MARK: Packing

// Stores the numbers of one input in a panel.
ALWAYS_INLINE void linear_store(
    const enum cnn_storage STORAGE, const float *numbers, char *target) {
  switch (STORAGE) {
    case CNN_STORAGE_FLOAT32:
      memcpy(target, numbers, LINEAR_PANEL * sizeof(float));
      break;
    case CNN_STORAGE_FLOAT16:
      for (int lane = 0; lane < LINEAR_PANEL; lane++) {
        ((uint16_t *)target)[lane] = linear_to_float16(numbers[lane]);
      }
      break;
    case CNN_STORAGE_BFLOAT16:
      for (int lane = 0; lane < LINEAR_PANEL; lane++) {
        ((uint16_t *)target)[lane] = linear_to_bfloat16(numbers[lane]);
      }
      break;
  }
}

// Inputs that are read from each row of a weight [outputs][inputs] at a time: a cache line.
enum { LINEAR_PACK_INPUTS = 16 };

ALWAYS_INLINE void linear_pack_panel(
    const enum cnn_storage STORAGE, const struct cnn_linear_packing *weight, ptrdiff_t number) {
  const ptrdiff_t inputs = weight->inputs, first = number * LINEAR_PANEL;
  const ptrdiff_t rest = weight->outputs - first;
  const ptrdiff_t outputs = rest < LINEAR_PANEL ? rest : LINEAR_PANEL;
  const char *source = (const char *)weight->source;
  const ptrdiff_t row_size = LINEAR_PANEL * linear_storage_size(STORAGE);
  char *target = (char *)weight->packed + number * inputs * row_size;
  float block[LINEAR_PACK_INPUTS][LINEAR_PANEL];
  memset(block, 0, sizeof block);
  for (ptrdiff_t input = 0; input < inputs; input += LINEAR_PACK_INPUTS) {
    const ptrdiff_t rows =
        inputs - input < LINEAR_PACK_INPUTS ? inputs - input : LINEAR_PACK_INPUTS;
    if (weight->inputs_first) {
      for (ptrdiff_t row = 0; row < rows; row++) {
        const ptrdiff_t index = (input + row) * weight->outputs + first;
        memcpy(block[row], source + index * sizeof(float), outputs * sizeof(float));
      }
    } else {
      for (ptrdiff_t output = 0; output < outputs; output++) {
        float numbers[LINEAR_PACK_INPUTS];
        const ptrdiff_t index = (first + output) * inputs + input;
        memcpy(numbers, source + index * sizeof(float), rows * sizeof(float));
        for (ptrdiff_t row = 0; row < rows; row++) block[row][output] = numbers[row];
      }
    }
    for (ptrdiff_t row = 0; row < rows; row++) {
      linear_store(STORAGE, block[row], target + (input + row) * row_size);
    }
  }
}

static void linear_pack(
    const struct cnn_linear_packing *weight, ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t panel = first; panel < last; panel++) {
    switch (weight->storage) {
      case CNN_STORAGE_FLOAT32:
        linear_pack_panel(CNN_STORAGE_FLOAT32, weight, panel);
        break;
      case CNN_STORAGE_FLOAT16:
        linear_pack_panel(CNN_STORAGE_FLOAT16, weight, panel);
        break;
      case CNN_STORAGE_BFLOAT16:
        linear_pack_panel(CNN_STORAGE_BFLOAT16, weight, panel);
        break;
    }
  }
}
