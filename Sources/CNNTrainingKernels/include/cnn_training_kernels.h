#ifndef CNN_TRAINING_KERNELS_H
#define CNN_TRAINING_KERNELS_H

// Kernels of the training of linear layers. Each exists once in source and is compiled for the
// instruction sets of x86-64 that matter; the best one is chosen at run time.

// Columns of a packed block.
enum { CNN_TRAINING_BLOCK = 96 };

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

// Computes for row r of `tile` (96 columns, `tile_stride` floats from row to row) the sum of
// values[k] * block[pictures[k]] over the nonzero elements k of row r; where `adds`, is added to it.
// `block` is [pictures, 96], packed.
void cnn_training_multiply_sparse_rows(
    cnn_training_sparse_rows rows, long row_count, const float *block, int adds, float *tile,
    long tile_stride, cnn_training_prefetch weights, cnn_training_prefetch moments);

// Outputs of a set of cnn_training_list_kept_tiles, at most, and numbers that each tile's sums take.
enum { CNN_TRAINING_KEPT_OUTPUTS = 5, CNN_TRAINING_KEPT_SUMS = 32 };

// Whether this processor has the registers that make cnn_training_add_kept_products faster than a
// dense product of half as many zeros.
int cnn_training_prefers_kept_products(void);

// Some outputs of a set and some pictures for which the products with all these outputs are kept.
typedef struct {
  int output_count;
  int picture_count;
  int outputs[CNN_TRAINING_KEPT_OUTPUTS];
  int pictures[24];
} cnn_training_kept_tile;

// Cuts what is kept of a set of outputs into tiles, and returns their number. Bit o of patterns[p]
// says whether the product of output o and picture p is kept; `order` is memory for one number for
// each picture.
long cnn_training_list_kept_tiles(
    const unsigned char *patterns, long picture_count, int *order, cnn_training_kept_tile *tiles);

// The most tiles that a set of outputs can have.
long cnn_training_most_kept_tiles(long picture_count);

// A stretch of `depth` columns, a multiple of 16, of the weights of a set of outputs and of the
// inputs; the strides are those of rows.
typedef struct {
  const float *weights;
  long weight_stride;
  const float *inputs;
  long input_stride;
  long depth;
} cnn_training_kept_factors;

// For each tile t, its pictures p and its outputs o: adds the scalar product of weights[outputs[o]]
// and inputs[pictures[p]] to sums[32 t + p * output_count + o]. Meanwhile asks for `next_rows` rows
// of `next`.
void cnn_training_add_kept_products(
    const cnn_training_kept_tile *tiles, long tile_count, cnn_training_kept_factors factors,
    float *sums, cnn_training_prefetch next, long next_rows);

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
