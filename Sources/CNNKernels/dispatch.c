// Which kernels this processor can run.
#include "cnn_kernels.h"

extern const struct cnn_kernels cnn_kernels_generic;
#if defined(__x86_64__)
extern const struct cnn_kernels cnn_kernels_avx2;
extern const struct cnn_kernels cnn_kernels_avx512;
extern const struct cnn_kernels cnn_kernels_avx512_bf16;
#endif

bool cnn_is_available(enum cnn_instruction_set set) {
  switch (set) {
    case CNN_GENERIC:
      return true;
#if defined(__x86_64__)
    case CNN_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("f16c");
    case CNN_AVX512:
      return cnn_is_available(CNN_AVX2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
#endif
    default:
      return false;
  }
}

const struct cnn_kernels *cnn_kernels_for(enum cnn_instruction_set set) {
  if (!cnn_is_available(set)) return NULL;
  switch (set) {
#if defined(__x86_64__)
    case CNN_AVX512:
      return &cnn_kernels_avx512;
    case CNN_AVX2:
      return &cnn_kernels_avx2;
#endif
    default:
      return &cnn_kernels_generic;
  }
}

const struct cnn_kernels *cnn_bfloat16_kernels_for(enum cnn_instruction_set set) {
#if defined(__x86_64__)
  if (set == CNN_AVX512 && cnn_is_available(set) && __builtin_cpu_supports("avx512bf16")) {
    return &cnn_kernels_avx512_bf16;
  }
#endif
  return NULL;
}
