// 512-bit vectors.
#include <immintrin.h>

typedef __m512 vector;

// Elements of a vector.
#define LANES 16
// The register tile of a matrix product: up to 14 pixels by 2 blocks of channels. Their 28 sums leave
// 4 of 32 registers for the weights and one broadcast input.
#define TILE_PIXELS 14
#define TILE_BLOCKS 2

#define vector_load(address) _mm512_loadu_ps(address)
#define vector_store(address, value) _mm512_storeu_ps(address, value)
#define vector_splat(value) _mm512_set1_ps(value)
#define vector_multiply_add(a, b, c) _mm512_fmadd_ps(a, b, c)
#define vector_subtract_product(c, a, b) _mm512_fnmadd_ps(a, b, c)
#define vector_add(a, b) _mm512_add_ps(a, b)
#define vector_subtract(a, b) _mm512_sub_ps(a, b)
#define vector_multiply(a, b) _mm512_mul_ps(a, b)
#define vector_divide(a, b) _mm512_div_ps(a, b)
#define vector_square_root(a) _mm512_sqrt_ps(a)
// The larger value, `b` where either is NaN.
#define vector_larger(a, b) _mm512_max_ps(a, b)
// `a` where it is NaN, `b` elsewhere.
#define vector_keep_nan(a, b) _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), b, a)
// The smaller value, `b` where either is NaN.
#define vector_smaller(a, b) _mm512_min_ps(a, b)
// `value` where `condition` is above zero (and no NaN), 0 elsewhere.
#define vector_where_positive(condition, value) \
  _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(condition, _mm512_setzero_ps(), _CMP_GT_OQ), value)
// `value` where `a` and `b` are equal, 0 elsewhere.
#define vector_where_equal(a, b, value) \
  _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ), value)
