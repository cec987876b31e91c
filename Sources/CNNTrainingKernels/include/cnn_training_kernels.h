#ifndef CNN_TRAINING_KERNELS_H
#define CNN_TRAINING_KERNELS_H

// Kernels of the training of linear layers. Each exists once in source and is compiled for the
// instruction sets of x86-64 that matter; the best one is chosen at run time.

// Columns of a packed block.
enum { CNN_TRAINING_BLOCK = 64 };

// The nonzero elements of some pictures in each row of a gradient's left factor: those of row r are
// elements starts[r * stride] ..< starts[r * stride + 1] of `pictures` and `values`.
typedef struct {
  const int *starts;
  long stride;
  const int *pictures;
  const float *values;
} cnn_training_sparse_rows;

// Adds to row r of `tile` (64 columns, `tile_stride` floats from row to row) the sum of
// values[k] * block[pictures[k]] over the nonzero elements k of row r. `block` is
// [pictures, 64], packed.
void cnn_training_add_sparse_rows(
    cnn_training_sparse_rows rows, long row_count, const float *block, float *tile,
    long tile_stride);

// The sum of the squares, in double precision.
double cnn_training_squared_sum(const float *values, long count);

// Settings of one step of stochastic gradient descent.
typedef struct {
  float gradient_factor;
  float rate;
  float momentum;
  float decay;
  int nesterov;
} cnn_training_sgd_settings;

// One step on `count` weights: with g = gradient_factor * gradient + decay * weight,
//   velocity = momentum * velocity + g;  weight -= rate * (nesterov ? g + momentum * velocity
//   : velocity).
// `velocity` is NULL where there is no momentum.
void cnn_training_sgd(
    float *weights, float *velocity, const float *gradient, long count,
    cnn_training_sgd_settings settings);

// Settings of one step of Adam; rate and root_correction hold the corrections of the bias.
typedef struct {
  float gradient_factor;
  float rate;
  float beta1;
  float beta2;
  float epsilon;
  float decay;
  float root_correction;
} cnn_training_adam_settings;

// One step on `count` weights: with g = gradient_factor * gradient + decay * weight,
//   first += (1 - beta1) * (g - first);  second = beta2 * second + (1 - beta2) * g^2;
//   weight -= rate * first / (sqrt(second) * root_correction + epsilon).
void cnn_training_adam(
    float *weights, float *first, float *second, const float *gradient, long count,
    cnn_training_adam_settings settings);

#endif
