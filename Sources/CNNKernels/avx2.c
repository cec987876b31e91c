// The kernels compiled for AVX2.
#include "cnn_kernels.h"

#if defined(__x86_64__)
#define INSTRUCTION_SET CNN_AVX2
#define KERNEL_TABLE cnn_kernels_avx2
#include "per_instruction_set/vector_avx2.h"
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#endif
#include "per_instruction_set/table.h"
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
