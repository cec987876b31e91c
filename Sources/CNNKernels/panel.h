// The numbers that matrix products read, of inputs and of weights: 32-bit ones, or bfloat16, of
// which the processor multiplies twice as many at a time. All sums are taken in 32 bits.

#ifdef PANEL_BFLOAT16

typedef uint16_t panel_number;
typedef __m512bh panel_vector;

// Products that a lane of a vector takes together: of neighbouring inputs.
#define PANEL_STEP 2

#define panel_load(address) ((panel_vector)_mm512_loadu_si512(address))
// Both factors below 2^-126 and such sums count as 0; the processor rounds to nearest, ties to
// even, after each product.
#define panel_multiply_add(a, b, c) _mm512_dpbf16_ps(c, a, b)
#define panel_round(numbers) ((__m256i)_mm512_cvtneps_pbh(numbers))
// bfloat16 is the upper half of a 32-bit number.
#define panel_widen(numbers) \
  _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(numbers), 16))
#define panel_store(address, numbers) \
  _mm256_storeu_si256((__m256i *)(address), panel_round(numbers))

// PANEL_STEP numbers in every lane.
ALWAYS_INLINE panel_vector panel_splat(const panel_number *address) {
  int pair;
  memcpy(&pair, address, sizeof pair);
  return (panel_vector)_mm512_set1_epi32(pair);
}

// Stores the weights of PANEL_STEP inputs, a row of LANES outputs each, as they are multiplied.
ALWAYS_INLINE void panel_store_weights(panel_number *address, const vector rows[PANEL_STEP]) {
  const __m512i first = _mm512_cvtepu16_epi32(panel_round(rows[0]));
  const __m512i second = _mm512_cvtepu16_epi32(panel_round(rows[1]));
  _mm512_storeu_si512(address, _mm512_or_si512(first, _mm512_slli_epi32(second, 16)));
}

#else

typedef float panel_number;
typedef vector panel_vector;

#define PANEL_STEP 1
#define panel_load(address) vector_load(address)
#define panel_multiply_add(a, b, c) vector_multiply_add(a, b, c)
#define panel_store(address, numbers) vector_store(address, numbers)
#define panel_splat(address) vector_splat(*(address))
#define panel_store_weights(address, rows) vector_store(address, (rows)[0])

#endif
