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

// Memory that will be wanted soon: for row r of a call, `lines` cache lines from
// start + r * stride on. None where start is NULL.
typedef struct {
  const float *start;
  long stride;
  int lines;
} cnn_training_prefetch;

// Adds to row r of `tile` (64 columns, `tile_stride` floats from row to row) the sum of
// values[k] * block[pictures[k]] over the nonzero elements k of row r. `block` is
// [pictures, 64], packed.
void cnn_training_add_sparse_rows(
    cnn_training_sparse_rows rows, long row_count, const float *block, float *tile,
    long tile_stride, cnn_training_prefetch weights, cnn_training_prefetch moments);

// Pictures and columns of a packed block of cnn_training_add_kept_products.
enum { CNN_TRAINING_KEPT_PICTURES = 16, CNN_TRAINING_KEPT_DEPTH = 256 };

// Whether this processor has the registers that make cnn_training_add_kept_products faster than a
// dense product of half as many zeros.
int cnn_training_prefers_kept_products(void);

// The pictures for which the product with one weight row is kept.
typedef struct {
  int row;
  int count;
  int pictures[CNN_TRAINING_KEPT_PICTURES];
} cnn_training_kept_row;

// Turns one mask of 16 pictures for each row into lists, sorted by their length: rows of equal
// length take the same way through the code, which the processor then foresees.
void cnn_training_list_kept(
    const unsigned short *masks, long row_count, cnn_training_kept_row *kept);

// For each element of `kept` and each of its pictures p: adds the scalar product of that row of
// `weights` ([row_count, 256], packed) with row p of `block` ([16, 256], packed) to
// result[row * result_stride + p].
void cnn_training_add_kept_products(
    const float *weights, const cnn_training_kept_row *kept, long row_count, const float *block,
    float *result, long result_stride, cnn_training_prefetch next);

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
