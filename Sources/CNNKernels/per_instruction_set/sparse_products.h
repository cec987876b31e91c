// Products of listed gradients with packed inputs; see `struct cnn_sparse_product`.

// Sixteen floats: one register of AVX-512, two of AVX2, four of SSE or NEON. The training kernels are
// written with these, so that every instruction set adds in the same order.
typedef float sixteen __attribute__((vector_size(64)));
typedef float sixteen_unaligned __attribute__((vector_size(64), aligned(4), may_alias));

enum {
  SPARSE_VECTORS = CNN_SPARSE_COLUMNS / 16,
  // With 32 registers of 512 bits the sums of all columns of a set stay in registers. With fewer or
  // shorter ones the list is read once for each vector of columns.
  SPARSE_VECTORS_AT_ONCE = LANES == 16 ? SPARSE_VECTORS : 1,
  // Words of the list that are requested from memory ahead: about the lists of two sets; measured.
  SPARSE_WORDS_AHEAD = 384
};

/// Adds the products of `count` pictures with one pattern, beginning at `list`; returns the list
/// behind them. An input is loaded once for all outputs of the pattern: a processor loads no more than
/// one vector of 512 bits in the time of a multiply-add.
ALWAYS_INLINE const union cnn_sparse_word *sparse_add_pictures(
    const int PATTERN, const int VECTORS, int count, const union cnn_sparse_word *list,
    const float *block, sixteen sums[CNN_SPARSE_OUTPUTS][SPARSE_VECTORS]) {
  do {
    const sixteen_unaligned *source = (const sixteen_unaligned *)(block + (list++)->index);
    float factors[CNN_SPARSE_OUTPUTS];
    UNROLL
    for (int o = 0; o < CNN_SPARSE_OUTPUTS; o++) {
      if (PATTERN >> o & 1) factors[o] = (list++)->value;
    }
    UNROLL
    for (int v = 0; v < VECTORS; v++) {
      const sixteen input = source[v];
      UNROLL
      for (int o = 0; o < CNN_SPARSE_OUTPUTS; o++) {
        if (PATTERN >> o & 1) sums[o][v] += factors[o] * input;
      }
    }
  } while (--count);
  return list;
}

// Expands X(pattern) for each pattern except 0.
#define SPARSE_PATTERNS(X) \
  X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

/// Computes VECTORS vectors of columns of the outputs of one set; returns the list behind the set.
/// `adds` says whether `sums` holds something to add to.
ALWAYS_INLINE const union cnn_sparse_word *sparse_multiply_set(
    const union cnn_sparse_word *list, const float *block, bool adds, float *sums,
    ptrdiff_t sums_stride, const int VECTORS) {
  sixteen registers[CNN_SPARSE_OUTPUTS][SPARSE_VECTORS];
  UNROLL
  for (int o = 0; o < CNN_SPARSE_OUTPUTS; o++) {
    const sixteen_unaligned *row = (const sixteen_unaligned *)(sums + o * sums_stride);
    UNROLL
    for (int v = 0; v < VECTORS; v++) registers[o][v] = adds ? row[v] : (sixteen){0};
  }
  for (int pattern; (pattern = (list++)->index);) {
    // The pictures of a pattern have about a cache line of words, so this requests as much as is read.
    __builtin_prefetch(list + SPARSE_WORDS_AHEAD);
    const int count = (list++)->index;
    switch (pattern) {
#define CASE(pattern)                                                                  \
  case pattern:                                                                        \
    list = sparse_add_pictures(pattern, VECTORS, count, list, block, registers);       \
    break;
      SPARSE_PATTERNS(CASE)
#undef CASE
    }
  }
  UNROLL
  for (int o = 0; o < CNN_SPARSE_OUTPUTS; o++) {
    sixteen_unaligned *row = (sixteen_unaligned *)(sums + o * sums_stride);
    UNROLL
    for (int v = 0; v < VECTORS; v++) row[v] = registers[o][v];
  }
  return list;
}

/// Requests the cache lines of one row, into the level 2 cache.
ALWAYS_INLINE void prefetch_row(struct cnn_prefetch memory, ptrdiff_t row) {
  if (!memory.start) return;
  for (int line = 0; line < memory.lines; line++) {
    __builtin_prefetch(memory.start + row * memory.stride + line * 16, 0, 2);
  }
}

/// Computes a product, set by set.
static void add_sparse_products(const struct cnn_sparse_product *product) {
  const union cnn_sparse_word *list = product->list;
  const float *block = product->block;
  float *sums = product->sums;
  const ptrdiff_t output_count = product->output_count, sums_stride = product->sums_stride;
  const bool adds = product->adds;
  const struct cnn_prefetch weights = product->weights, moments = product->moments;
  for (ptrdiff_t output = 0; output < output_count; output += CNN_SPARSE_OUTPUTS) {
    for (ptrdiff_t next = output; next < output + CNN_SPARSE_OUTPUTS && next < output_count;
         next++) {
      prefetch_row(weights, next);
      prefetch_row(moments, next);
    }
    const union cnn_sparse_word *end = list;
    for (int first = 0; first < SPARSE_VECTORS; first += SPARSE_VECTORS_AT_ONCE) {
      end = sparse_multiply_set(
          list, block + first * 16, adds, sums + output * sums_stride + first * 16, sums_stride,
          SPARSE_VECTORS_AT_ONCE);
    }
    list = end;
  }
}
