// The kernels compiled for AVX-512.
#include "cnn_kernels.h"

#if defined(__x86_64__)
#define INSTRUCTION_SET CNN_AVX512
#define KERNEL_TABLE cnn_kernels_avx512
#include "per_instruction_set/vector_avx512.h"
#ifdef __clang__
#pragma clang attribute push(                                                                  \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c,prfchw"))),             \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c,prfchw")
#endif
#include "per_instruction_set/table.h"
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
