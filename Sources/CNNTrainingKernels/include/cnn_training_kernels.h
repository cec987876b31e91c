#ifndef CNN_TRAINING_KERNELS_H
#define CNN_TRAINING_KERNELS_H

// Kernels of the training of linear layers. Each exists once in source and is compiled for the
// instruction sets of x86-64 that matter; the best one is chosen at run time.

// Columns of a packed block.
enum { CNN_TRAINING_BLOCK = 96 };

// Outputs of a set, whose gradients are listed together, and the most pictures of a list.
enum { CNN_TRAINING_SPARSE_OUTPUTS = 4, CNN_TRAINING_SPARSE_PICTURES = 96 };

// A word of the list of the nonzero gradients of a set. Pictures are sorted by their pattern: bit o
// says that the gradient of output o is not zero. For each pattern that occurs, but for 0, there
// are the pattern, the number of its pictures, and for each picture where its row begins in a
// packed block and its nonzero gradients. 0 ends the list.
typedef union {
  int number;
  float value;
} cnn_training_sparse_word;

// Gradients: that of output o for picture p is values[p * picture_stride + o * output_stride].
typedef struct {
  const float *values;
  long picture_stride;
  long output_stride;
} cnn_training_sparse_matrix;

// Lists the nonzero elements of a set of up to CNN_TRAINING_SPARSE_OUTPUTS outputs and up to
// CNN_TRAINING_SPARSE_PICTURES pictures, and counts them; returns the number of words.
long cnn_training_list_sparse_set(
    cnn_training_sparse_matrix matrix, int picture_count, int output_count,
    cnn_training_sparse_word *list, long *count);

// The most words that a list can have.
long cnn_training_most_sparse_words(long picture_count);

// Memory that will be wanted soon: for row r of a call, `lines` cache lines from
// start + r * stride on. None where start is NULL.
typedef struct {
  const float *start;
  long stride;
  int lines;
} cnn_training_prefetch;

// Computes for row r of `tile` (96 columns, `tile_stride` floats from row to row) the sum of the
// gradients of output r times the rows of their pictures in `block`, [pictures, 96], packed; where
// `adds`, is added to it. The lists of the sets lie one behind the other; the tile has room for
// whole sets. Meanwhile asks for `row_count` rows of memory.
void cnn_training_multiply_sparse_sets(
    const cnn_training_sparse_word *list, long row_count, const float *block, int adds,
    float *tile, long tile_stride, cnn_training_prefetch weights, cnn_training_prefetch moments);

// Outputs of a set of cnn_training_list_kept_tiles and pictures of a tile, at most, and numbers that
// each tile's sums take.
enum {
  CNN_TRAINING_KEPT_OUTPUTS = 5,
  CNN_TRAINING_KEPT_PICTURES = 24,
  CNN_TRAINING_KEPT_SUMS = 32
};

// Whether this processor has the registers that make cnn_training_add_kept_products faster than a
// dense product of half as many zeros.
int cnn_training_prefers_kept_products(void);

// Some outputs of a set and some pictures for which the products with all these outputs are kept.
typedef struct {
  int output_count;
  int picture_count;
  int outputs[CNN_TRAINING_KEPT_OUTPUTS];
  int pictures[CNN_TRAINING_KEPT_PICTURES];
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
