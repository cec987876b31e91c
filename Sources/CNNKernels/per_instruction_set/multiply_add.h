// What the processor can compute at most: multiply-adds on registers alone.

// Independent sums: more than the latency of a multiply-add, 4 or 5 cycles at two a cycle, asks for.
enum { MULTIPLY_ADD_CHAINS = 12 };

/// elements = elements * elements[0] + elements[0], `rounds` times.
static void multiply_add(float *elements, ptrdiff_t rounds) {
  const vector factor = vector_splat(elements[0]);
  vector sums[MULTIPLY_ADD_CHAINS];
  UNROLL
  for (int chain = 0; chain < MULTIPLY_ADD_CHAINS; chain++) {
    sums[chain] = vector_load(elements + chain * LANES);
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
    vector_store(elements + chain * LANES, sums[chain]);
  }
}
