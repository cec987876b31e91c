// The storage of packed linear weights: conversions from and to 16 bits.

/// The largest bit pattern of 32-bit floats at any address, without their signs.
static uint32_t largest_magnitude(const void *elements, ptrdiff_t count) {
  uint32_t largest = 0;
  for (ptrdiff_t index = 0; index < count; index++) {
    uint32_t bits;
    memcpy(&bits, (const char *)elements + index * (ptrdiff_t)sizeof(bits), sizeof(bits));
    bits &= 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  return largest;
}

/// The bits of a float.
ALWAYS_INLINE uint32_t linear_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// The float with these bits.
ALWAYS_INLINE float linear_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// The nearest bfloat16, ties to even; `value` is finite.
ALWAYS_INLINE uint16_t linear_to_bfloat16(float value) {
  const uint32_t bits = linear_bits(value);
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

/// The nearest value of half precision, ties to even; `value` is finite and in its range.
ALWAYS_INLINE uint16_t linear_to_float16(float value) {
  const uint32_t bits = linear_bits(value), magnitude = bits & 0x7fffffff;
  const uint16_t sign = bits >> 16 & 0x8000;
  // Below 2^-14 half precision has steps of 2^-24. That is the value of the last bit of 0.5, so adding
  // 0.5 rounds to such a step.
  if (magnitude < 0x38800000) {
    return sign | (linear_bits(linear_float(magnitude) + 0.5f) - 0x3f000000);
  }
  return sign | (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
}

// Vectors of 16-bit elements as 32-bit floats.
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
  // Exponent and fraction, moved to their bits in a 32-bit float, make 2^-112 of the value; of
  // subnormal values too.
  const vector magnitude = (vector)((words & 0x7fff) << 13) * 0x1p112f;
  return (vector)((linear_words)magnitude | (words & 0x8000) << 16);
}
ALWAYS_INLINE vector linear_load_bfloat16(const uint16_t *address) {
  return (vector)(linear_load_words(address) << 16);
}
#endif

/// Bytes of a stored element.
ALWAYS_INLINE ptrdiff_t linear_storage_size(enum cnn_storage storage) {
  return storage == CNN_STORAGE_FLOAT32 ? sizeof(float) : sizeof(uint16_t);
}

/// The vector from element `index` of a panel on, as 32-bit floats.
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
