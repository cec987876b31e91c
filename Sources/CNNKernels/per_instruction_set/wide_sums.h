// Sums over the pixels of a map in double precision. The product of two 32-bit floats is exact there,
// so the variance of values far from zero survives: sum of squares minus square of sum. The sums of
// each picture are taken pixel by pixel and those of the pictures added in their order, so their bits
// do not depend on how the work is divided.

typedef double wide __attribute__((vector_size(LANES * 4)));

// The lower and the upper half of a vector in double precision.
#if LANES == 16
#define wide_low(v) \
  __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7), wide)
#define wide_high(v) \
  __builtin_convertvector(__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15), wide)
#elif LANES == 8
#define wide_low(v) __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1, 2, 3), wide)
#define wide_high(v) __builtin_convertvector(__builtin_shufflevector(v, v, 4, 5, 6, 7), wide)
#else
#define wide_low(v) __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1), wide)
#define wide_high(v) __builtin_convertvector(__builtin_shufflevector(v, v, 2, 3), wide)
#endif

/// Two sums for each of LANES channels.
struct wide_sums {
  wide first[2], second[2];
};

/// Adds a value and a product to the two sums of each channel.
ALWAYS_INLINE void wide_add(struct wide_sums *sums, vector value, vector factor) {
  const wide low = wide_low(value), high = wide_high(value);
  sums->first[0] += low;
  sums->first[1] += high;
  sums->second[0] += low * wide_low(factor);
  sums->second[1] += high * wide_high(factor);
}

/// Stores the sums of LANES channels of a block, whose sums lie [2][16].
ALWAYS_INLINE void wide_store(const struct wide_sums *sums, double *target) {
  memcpy(target, &sums->first, sizeof(sums->first));
  memcpy(target + CNN_BLOCK, &sums->second, sizeof(sums->second));
}

/// Adds up the two sums of a channel, counted through all blocks, over the pictures of a batch:
/// `sums` is [pictures][blocks][2][16].
ALWAYS_INLINE void wide_total(
    const double *sums, ptrdiff_t pictures, ptrdiff_t blocks, ptrdiff_t channel,
    double totals[2]) {
  const ptrdiff_t block = channel / CNN_BLOCK, lane = channel % CNN_BLOCK;
  totals[0] = totals[1] = 0;
  for (ptrdiff_t picture = 0; picture < pictures; picture++) {
    const double *of_picture = sums + (picture * blocks + block) * 2 * CNN_BLOCK + lane;
    totals[0] += of_picture[0];
    totals[1] += of_picture[CNN_BLOCK];
  }
}
