// What the processor can do at most: multiply-adds on registers alone.

// Sums that do not wait for one another: more than the latency of any processor so far.
enum { MULTIPLY_ADD_CHAINS = 12 };

// numbers = numbers * numbers[0] + numbers[0], `rounds` times.
static void multiply_add(float *numbers, ptrdiff_t rounds) {
  const vector factor = vector_splat(numbers[0]);
  vector sums[MULTIPLY_ADD_CHAINS];
  UNROLL
  for (int chain = 0; chain < MULTIPLY_ADD_CHAINS; chain++) {
    sums[chain] = vector_load(numbers + chain * LANES);
  }
  NO_UNROLL
  for (ptrdiff_t round = 0; round < rounds; round++) {
    UNROLL
    for (int chain = 0; chain < MULTIPLY_ADD_CHAINS; chain++) {
      sums[chain] = vector_multiply_add(sums[chain], factor, factor);
    }
  }
  UNROLL
  for (int chain = 0; chain < MULTIPLY_ADD_CHAINS; chain++) {
    vector_store(numbers + chain * LANES, sums[chain]);
  }
}
