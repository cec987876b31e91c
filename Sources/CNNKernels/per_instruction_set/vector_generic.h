// 128-bit vectors by the compiler's vector extension: SSE2, NEON, and what other processors have.
#include <math.h>

typedef float vector __attribute__((vector_size(16)));
typedef float vector_unaligned __attribute__((vector_size(16), aligned(4), may_alias));
typedef int vector_mask __attribute__((vector_size(16)));

#define LANES 4
// 3 pixels by 4 vectors: 12 sums leave 4 of SSE's 16 registers for the operands.
#define TILE_PIXELS 3
#define TILE_BLOCKS 1

#define vector_load(address) ((vector) * (const vector_unaligned *)(address))
#define vector_store(address, value) (*(vector_unaligned *)(address) = (value))
#define vector_splat(value) ((value) - (vector){0, 0, 0, 0})
#define vector_multiply_add(a, b, c) ((a) * (b) + (c))
#define vector_subtract_product(c, a, b) ((c) - (a) * (b))
#define vector_add(a, b) ((a) + (b))
#define vector_subtract(a, b) ((a) - (b))
#define vector_multiply(a, b) ((a) * (b))
#define vector_divide(a, b) ((a) / (b))
#define vector_square_root(a) \
  ((vector){sqrtf((a)[0]), sqrtf((a)[1]), sqrtf((a)[2]), sqrtf((a)[3])})
#define vector_choose(mask, a, b) \
  ((vector)(((vector_mask)(a) & (mask)) | ((vector_mask)(b) & ~(mask))))
#define vector_larger(a, b) vector_choose((a) > (b), a, b)
#define vector_keep_nan(a, b) vector_choose((a) != (a), a, b)
#define vector_smaller(a, b) vector_choose((a) < (b), a, b)
#define vector_where_positive(condition, value) \
  ((vector)((vector_mask)(value) & ((condition) > 0)))
#define vector_where_equal(a, b, value) ((vector)((vector_mask)(value) & ((a) == (b))))
