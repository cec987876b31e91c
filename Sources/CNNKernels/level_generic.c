// The kernels compiled for the processors that everybody has.
#include "cnn_kernels.h"

#define CNN_LEVEL CNN_LEVEL_GENERIC
#define CNN_TABLE cnn_kernels_generic
#include "vector_generic.h"
#include "kernels.h"
