#include "cnn_training_kernels.h"

enum { PATTERNS = 1 << CNN_TRAINING_SPARSE_OUTPUTS };

typedef cnn_training_sparse_word word;

// Writes to patterns[p] which outputs are not zero for picture p, and counts the pictures of each
// pattern. NaN is not 0, so it stays.
static void find_patterns(
    cnn_training_sparse_matrix matrix, int picture_count, int output_count,
    unsigned char *patterns, int counts[PATTERNS]) {
  for (int pattern = 0; pattern < PATTERNS; pattern++) counts[pattern] = 0;
  for (int picture = 0; picture < picture_count; picture++) {
    const float *values = matrix.values + picture * matrix.picture_stride;
    int pattern = 0;
    for (int output = 0; output < output_count; output++) {
      pattern |= (values[output * matrix.output_stride] != 0) << output;
    }
    patterns[picture] = (unsigned char)pattern;
    counts[pattern]++;
  }
}

long cnn_training_list_sparse_set(
    cnn_training_sparse_matrix matrix, int picture_count, int output_count, word *list,
    long *count) {
  unsigned char patterns[CNN_TRAINING_SPARSE_PICTURES];
  int counts[PATTERNS];
  find_patterns(matrix, picture_count, output_count, patterns, counts);
  word *places[PATTERNS], *end = list;
  *count = 0;
  for (int pattern = 1; pattern < PATTERNS; pattern++) {
    if (counts[pattern] == 0) continue;
    (end++)->number = pattern;
    (end++)->number = counts[pattern];
    places[pattern] = end;
    const int outputs = __builtin_popcount(pattern);
    end += counts[pattern] * (1 + outputs);
    *count += counts[pattern] * outputs;
  }
  (end++)->number = 0;
  for (int picture = 0; picture < picture_count; picture++) {
    const int pattern = patterns[picture];
    if (pattern == 0) continue;
    const float *values = matrix.values + picture * matrix.picture_stride;
    word *place = places[pattern];
    (place++)->number = picture * CNN_TRAINING_BLOCK;
    for (int bits = pattern; bits; bits &= bits - 1) {
      (place++)->value = values[__builtin_ctz(bits) * matrix.output_stride];
    }
    places[pattern] = place;
  }
  return end - list;
}

long cnn_training_most_sparse_words(long picture_count) {
  return picture_count * (1 + CNN_TRAINING_SPARSE_OUTPUTS) + 2 * (PATTERNS - 1) + 1;
}
