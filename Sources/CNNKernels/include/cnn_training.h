/// The training of linear layers. ReLU and dropout make most elements of a hidden layer's result,
/// and of its gradient, zero; these products leave the zeros out.
#ifndef CNN_TRAINING_H
#define CNN_TRAINING_H

#include <stdbool.h>
#include <stddef.h>

/// Memory that will be needed soon: for each row r, `lines` cache lines (of 16 elements) from
/// start + r * stride on. None where `start` is NULL.
struct cnn_prefetch {
  const float *start;
  ptrdiff_t stride;
  int lines;
};

// MARK: Sparse products

/// Columns of a packed block: six AVX-512 registers, whose sums for four outputs leave eight
/// registers for the factors.
enum { CNN_SPARSE_COLUMNS = 96 };

/// Outputs of a set, whose gradients are listed together, and the most pictures of a list.
enum { CNN_SPARSE_OUTPUTS = 4, CNN_SPARSE_PICTURES = 96 };

/// A word of the list of a set's nonzero gradients.
///
/// Pictures are sorted by their pattern: bit o is set where the gradient of output o is not zero.
/// For each pattern that occurs, except 0, the list has: the pattern, the number of its pictures, and
/// for each of them the index in a packed block at which its row begins, followed by its nonzero
/// gradients. The pattern 0 ends the list.
union cnn_sparse_word {
  int index;
  float value;
};

/// Gradients: that of output o for picture p is values[p * picture_stride + o * output_stride].
struct cnn_sparse_matrix {
  const float *values;
  ptrdiff_t picture_stride, output_stride;
};

/// Writes the list of a set of `output_count` outputs, up to CNN_SPARSE_OUTPUTS, and of
/// `picture_count` pictures, up to CNN_SPARSE_PICTURES.
///
/// `matrix` begins at the first output and picture of the set; `list` has room for
/// cnn_most_sparse_words(picture_count). Returns the number of words written; `*nonzero_count`
/// becomes the number of nonzero gradients. NaN counts as nonzero.
ptrdiff_t cnn_list_sparse_set(
    struct cnn_sparse_matrix matrix, ptrdiff_t picture_count, ptrdiff_t output_count,
    union cnn_sparse_word *list, ptrdiff_t *nonzero_count);

/// The most words that the list of a set can have.
ptrdiff_t cnn_most_sparse_words(ptrdiff_t picture_count);

/// A product of listed gradients with packed inputs:
/// sums[r][c] = sum over pictures p of gradient of output r for picture p * block[p][c].
struct cnn_sparse_product {
  /// The lists of whole sets, one behind the other.
  const union cnn_sparse_word *list;
  /// Outputs; the last set may have fewer than CNN_SPARSE_OUTPUTS.
  ptrdiff_t output_count;
  /// [pictures][CNN_SPARSE_COLUMNS].
  const float *block;
  /// Whether the products are added to what `sums` holds.
  bool adds;
  /// CNN_SPARSE_COLUMNS columns, rows `sums_stride` apart, with room for whole sets; written.
  float *sums;
  ptrdiff_t sums_stride;
  /// Requested from memory while the products are computed: a row for each output.
  struct cnn_prefetch weights, moments;
};

// MARK: Masked products

/// The most outputs of a set and pictures of a tile, and the room for the sums of each tile.
enum { CNN_MASKED_OUTPUTS = 5, CNN_MASKED_PICTURES = 24, CNN_MASKED_SUMS = 32 };

/// Some outputs of a set and some pictures for all of which these outputs are needed: the products
/// of a tile are dense.
struct cnn_masked_tile {
  int output_count, picture_count;
  int outputs[CNN_MASKED_OUTPUTS];
  int pictures[CNN_MASKED_PICTURES];
};

/// Cuts the needed products of a set of outputs into tiles, and returns the number of tiles.
///
/// Bit o of patterns[p] says whether the product of output o and picture p is needed. `order` is
/// scratch memory of `picture_count` elements; `tiles` has room for
/// cnn_most_masked_tiles(picture_count).
ptrdiff_t cnn_list_masked_tiles(
    const unsigned char *patterns, ptrdiff_t picture_count, int *order,
    struct cnn_masked_tile *tiles);

/// The most tiles that a set of outputs can have.
ptrdiff_t cnn_most_masked_tiles(ptrdiff_t picture_count);

/// Scalar products over a chunk of inputs. For each tile t, each of its pictures (number p) and of
/// its outputs (number o), weights[outputs[o]] . inputs[pictures[p]] is added to
/// sums[CNN_MASKED_SUMS * t + p * output_count + o].
struct cnn_masked_product {
  const struct cnn_masked_tile *tiles;
  ptrdiff_t tile_count;
  /// The chunk of each row of the set's weights, and of each picture's inputs.
  const float *weights;
  ptrdiff_t weight_stride;
  const float *inputs;
  ptrdiff_t input_stride;
  /// Inputs of the chunk, a multiple of 16.
  ptrdiff_t depth;
  /// Read and written.
  float *sums;
  /// Requested from memory while the products are computed: `next_rows` rows.
  struct cnn_prefetch next;
  ptrdiff_t next_rows;
};

// MARK: Optimisers

/// One step of stochastic gradient descent on each weight. With
/// g = gradient_factor * gradient + decay * weight:
///   velocity = momentum * velocity + g
///   weight -= rate * (nesterov ? g + momentum * velocity : velocity)
/// Without momentum `velocity` is NULL and weight -= rate * g.
struct cnn_sgd {
  float gradient_factor, rate, momentum, decay;
  bool nesterov;
};

/// One step of Adam on each weight. With g = gradient_factor * gradient + decay * weight:
///   first += (1 - beta1) * (g - first)
///   second = beta2 * second + (1 - beta2) * g^2
///   weight -= rate * first / (sqrt(second) * root_correction + epsilon)
/// `rate` and `root_correction` hold the corrections for the zeros that the moments begin with.
struct cnn_adam {
  float gradient_factor, rate, beta1, beta2, epsilon, decay, root_correction;
};

#endif
