// The kernels with the 128-bit vectors that every processor has.
#include "cnn_kernels.h"

#define INSTRUCTION_SET CNN_GENERIC
#define KERNEL_TABLE cnn_kernels_generic
#include "per_instruction_set/vector_generic.h"
#include "per_instruction_set/table.h"
