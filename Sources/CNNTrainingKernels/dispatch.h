#ifndef CNN_TRAINING_DISPATCH_H
#define CNN_TRAINING_DISPATCH_H

#include "cnn_training_kernels.h"

#define CNN_INLINE static inline __attribute__((always_inline))

// Before a loop of few rounds whose variables must stay in registers.
#define UNROLL _Pragma("clang loop unroll(full)")

// Defines NAME as the best of three copies of NAME_body, chosen by what the processor can do.
#define CNN_DISPATCH(RESULT, NAME, PARAMETERS, ARGUMENTS) \
  CNN_DISPATCH_COPIES(RESULT, NAME, PARAMETERS, ARGUMENTS, NAME##_body)

// The same with NAME_wide instead of NAME_body where there are 32 registers of 512 bits.
#define CNN_DISPATCH_WIDE(RESULT, NAME, PARAMETERS, ARGUMENTS) \
  CNN_DISPATCH_COPIES(RESULT, NAME, PARAMETERS, ARGUMENTS, NAME##_wide)

#if defined(__x86_64__)
#define CNN_DISPATCH_COPIES(RESULT, NAME, PARAMETERS, ARGUMENTS, WIDE)                 \
  __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))               \
  static RESULT NAME##_avx512 PARAMETERS { return WIDE ARGUMENTS; }                    \
  __attribute__((target("avx2,fma")))                                                  \
  static RESULT NAME##_avx2 PARAMETERS { return NAME##_body ARGUMENTS; }               \
  RESULT NAME PARAMETERS {                                                             \
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&     \
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))      \
      return NAME##_avx512 ARGUMENTS;                                                  \
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))               \
      return NAME##_avx2 ARGUMENTS;                                                    \
    return NAME##_body ARGUMENTS;                                                      \
  }
#else
#define CNN_DISPATCH_COPIES(RESULT, NAME, PARAMETERS, ARGUMENTS, WIDE)                 \
  RESULT NAME PARAMETERS { return NAME##_body ARGUMENTS; }
#endif

// Sixteen floats: one register of AVX-512, two of AVX2, four of SSE or NEON. Loads and stores go
// through memcpy-like unaligned types.
typedef float cnn_vector __attribute__((vector_size(64), aligned(4)));
typedef float cnn_register __attribute__((vector_size(64)));

// Asks for the lines of one row, into the level 2 cache.
CNN_INLINE void cnn_training_prefetch_row(cnn_training_prefetch wanted, long row) {
  if (!wanted.start) return;
  for (int line = 0; line < wanted.lines; line++) {
    __builtin_prefetch(wanted.start + row * wanted.stride + line * 16, 0, 2);
  }
}

#endif
