// Which kernels this processor can run.
#include "cnn_kernels.h"

extern const struct cnn_kernels cnn_kernels_generic;
#if defined(__x86_64__)
extern const struct cnn_kernels cnn_kernels_avx2;
extern const struct cnn_kernels cnn_kernels_avx512;
extern const struct cnn_kernels cnn_kernels_avx512_bf16;
#endif

bool cnn_level_available(enum cnn_level level) {
  switch (level) {
    case CNN_LEVEL_GENERIC:
      return true;
#if defined(__x86_64__)
    case CNN_LEVEL_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("f16c");
    case CNN_LEVEL_AVX512:
      return cnn_level_available(CNN_LEVEL_AVX2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
#endif
    default:
      return false;
  }
}

enum cnn_level cnn_best_level(void) {
  if (cnn_level_available(CNN_LEVEL_AVX512)) return CNN_LEVEL_AVX512;
  if (cnn_level_available(CNN_LEVEL_AVX2)) return CNN_LEVEL_AVX2;
  return CNN_LEVEL_GENERIC;
}

const struct cnn_kernels *cnn_kernels_at(enum cnn_level level) {
  if (!cnn_level_available(level)) return NULL;
  switch (level) {
#if defined(__x86_64__)
    case CNN_LEVEL_AVX512:
      return &cnn_kernels_avx512;
    case CNN_LEVEL_AVX2:
      return &cnn_kernels_avx2;
#endif
    default:
      return &cnn_kernels_generic;
  }
}

const struct cnn_kernels *cnn_bfloat16_kernels_at(enum cnn_level level) {
#if defined(__x86_64__)
  if (level == CNN_LEVEL_AVX512 && cnn_level_available(level) &&
      __builtin_cpu_supports("avx512bf16")) {
    return &cnn_kernels_avx512_bf16;
  }
#endif
  return NULL;
}
