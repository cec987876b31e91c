// The lists of nonzero gradients that `add_sparse_products` reads.
#include "cnn_kernels.h"

enum { PATTERNS = 1 << CNN_SPARSE_OUTPUTS };

/// Writes the pattern of each picture, and the number of pictures with each pattern. NaN != 0.
static void find_patterns(
    struct cnn_sparse_matrix matrix, ptrdiff_t picture_count, ptrdiff_t output_count,
    unsigned char *patterns, int counts[PATTERNS]) {
  for (int pattern = 0; pattern < PATTERNS; pattern++) counts[pattern] = 0;
  for (ptrdiff_t picture = 0; picture < picture_count; picture++) {
    const float *values = matrix.values + picture * matrix.picture_stride;
    int pattern = 0;
    for (ptrdiff_t output = 0; output < output_count; output++) {
      pattern |= (values[output * matrix.output_stride] != 0) << output;
    }
    patterns[picture] = (unsigned char)pattern;
    counts[pattern]++;
  }
}

ptrdiff_t cnn_list_sparse_set(
    struct cnn_sparse_matrix matrix, ptrdiff_t picture_count, ptrdiff_t output_count,
    union cnn_sparse_word *list, ptrdiff_t *nonzero_count) {
  unsigned char patterns[CNN_SPARSE_PICTURES];
  int counts[PATTERNS];
  find_patterns(matrix, picture_count, output_count, patterns, counts);
  // Where the next picture of each pattern is written.
  union cnn_sparse_word *ends[PATTERNS], *end = list;
  *nonzero_count = 0;
  for (int pattern = 1; pattern < PATTERNS; pattern++) {
    if (counts[pattern] == 0) continue;
    (end++)->index = pattern;
    (end++)->index = counts[pattern];
    ends[pattern] = end;
    const int outputs = __builtin_popcount(pattern);
    end += counts[pattern] * (1 + outputs);
    *nonzero_count += counts[pattern] * outputs;
  }
  (end++)->index = 0;
  for (ptrdiff_t picture = 0; picture < picture_count; picture++) {
    const int pattern = patterns[picture];
    if (pattern == 0) continue;
    const float *values = matrix.values + picture * matrix.picture_stride;
    union cnn_sparse_word *word = ends[pattern];
    (word++)->index = (int)picture * CNN_SPARSE_COLUMNS;
    for (int bits = pattern; bits; bits &= bits - 1) {
      (word++)->value = values[__builtin_ctz(bits) * matrix.output_stride];
    }
    ends[pattern] = word;
  }
  return end - list;
}

ptrdiff_t cnn_most_sparse_words(ptrdiff_t picture_count) {
  return picture_count * (1 + CNN_SPARSE_OUTPUTS) + 2 * (PATTERNS - 1) + 1;
}
