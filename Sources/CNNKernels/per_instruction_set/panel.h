// Panels: the inputs and weights that matrix products read, as 32-bit floats or as bfloat16, of which
// the processor multiplies twice as many at a time. All sums are taken in 32 bits.

#ifdef PANEL_BFLOAT16

typedef uint16_t panel_element;
typedef __m512bh panel_vector;

// Products that are added to a lane at once: those of neighbouring inputs.
#define PANEL_STEP 2

#define panel_load(address) ((panel_vector)_mm512_loadu_si512(address))
// The processor rounds to nearest, ties to even, after each product. Factors and sums below 2^-126
// count as 0.
#define panel_multiply_add(a, b, c) _mm512_dpbf16_ps(c, a, b)
#define panel_round(values) ((__m256i)_mm512_cvtneps_pbh(values))
// bfloat16 is the upper half of a 32-bit float.
#define panel_widen(values) \
  _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(values), 16))
#define panel_store(address, values) \
  _mm256_storeu_si256((__m256i *)(address), panel_round(values))

/// PANEL_STEP neighbouring elements, in every lane.
ALWAYS_INLINE panel_vector panel_splat(const panel_element *address) {
  int pair;
  memcpy(&pair, address, sizeof pair);
  return (panel_vector)_mm512_set1_epi32(pair);
}

/// Stores the weights of PANEL_STEP inputs, a row of LANES outputs each, in the order in which they
/// are multiplied.
ALWAYS_INLINE void panel_store_weights(panel_element *address, const vector rows[PANEL_STEP]) {
  const __m512i first = _mm512_cvtepu16_epi32(panel_round(rows[0]));
  const __m512i second = _mm512_cvtepu16_epi32(panel_round(rows[1]));
  _mm512_storeu_si512(address, _mm512_or_si512(first, _mm512_slli_epi32(second, 16)));
}

#else

typedef float panel_element;
typedef vector panel_vector;

#define PANEL_STEP 1
#define panel_load(address) vector_load(address)
#define panel_multiply_add(a, b, c) vector_multiply_add(a, b, c)
#define panel_store(address, values) vector_store(address, values)
#define panel_splat(address) vector_splat(*(address))
#define panel_store_weights(address, rows) vector_store(address, (rows)[0])

#endif
