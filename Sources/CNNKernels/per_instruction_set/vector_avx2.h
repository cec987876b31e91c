// 256-bit vectors with fused multiply-add.
#include <immintrin.h>

typedef __m256 vector;

#define LANES 8
// 6 pixels by 2 vectors: 12 sums leave 4 of 16 registers for the operands.
#define TILE_PIXELS 6
#define TILE_BLOCKS 1

#define vector_load(address) _mm256_loadu_ps(address)
#define vector_store(address, value) _mm256_storeu_ps(address, value)
#define vector_splat(value) _mm256_set1_ps(value)
#define vector_multiply_add(a, b, c) _mm256_fmadd_ps(a, b, c)
#define vector_subtract_product(c, a, b) _mm256_fnmadd_ps(a, b, c)
#define vector_add(a, b) _mm256_add_ps(a, b)
#define vector_subtract(a, b) _mm256_sub_ps(a, b)
#define vector_multiply(a, b) _mm256_mul_ps(a, b)
#define vector_divide(a, b) _mm256_div_ps(a, b)
#define vector_square_root(a) _mm256_sqrt_ps(a)
#define vector_larger(a, b) _mm256_max_ps(a, b)
#define vector_keep_nan(a, b) _mm256_blendv_ps(b, a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q))
#define vector_smaller(a, b) _mm256_min_ps(a, b)
#define vector_where_positive(condition, value) \
  _mm256_and_ps(_mm256_cmp_ps(condition, _mm256_setzero_ps(), _CMP_GT_OQ), value)
#define vector_where_equal(a, b, value) _mm256_and_ps(_mm256_cmp_ps(a, b, _CMP_EQ_OQ), value)
