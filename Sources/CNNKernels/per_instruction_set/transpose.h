// Transposes of squares of LANES by LANES elements, and of whole blocks of 16 by 16.

#if LANES == 16
/// rows[j][i] = rows[i][j].
ALWAYS_INLINE void transpose_square(vector rows[LANES]) {
  vector a[16], b[16];
  UNROLL
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
  }
  UNROLL
  for (int i = 0; i < 16; i += 4) {
    UNROLL
    for (int k = 0; k < 2; k++) {
      const __m512d low = _mm512_castps_pd(a[i + k]), high = _mm512_castps_pd(a[i + 2 + k]);
      b[i + 2 * k] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
      b[i + 2 * k + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
    }
  }
  // b[4 q + c] holds columns c, c + 4, c + 8, c + 12 of rows 4 q to 4 q + 3.
  UNROLL
  for (int c = 0; c < 4; c++) {
    const vector even_01 = _mm512_shuffle_f32x4(b[c], b[4 + c], 0x88);
    const vector odd_01 = _mm512_shuffle_f32x4(b[c], b[4 + c], 0xdd);
    const vector even_23 = _mm512_shuffle_f32x4(b[8 + c], b[12 + c], 0x88);
    const vector odd_23 = _mm512_shuffle_f32x4(b[8 + c], b[12 + c], 0xdd);
    rows[c] = _mm512_shuffle_f32x4(even_01, even_23, 0x88);
    rows[c + 8] = _mm512_shuffle_f32x4(even_01, even_23, 0xdd);
    rows[c + 4] = _mm512_shuffle_f32x4(odd_01, odd_23, 0x88);
    rows[c + 12] = _mm512_shuffle_f32x4(odd_01, odd_23, 0xdd);
  }
}
#elif LANES == 8
ALWAYS_INLINE void transpose_square(vector rows[LANES]) {
  vector a[8], b[8];
  UNROLL
  for (int i = 0; i < 8; i += 2) {
    a[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
    a[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
  }
  UNROLL
  for (int i = 0; i < 8; i += 4) {
    UNROLL
    for (int k = 0; k < 2; k++) {
      const __m256d low = _mm256_castps_pd(a[i + k]), high = _mm256_castps_pd(a[i + 2 + k]);
      b[i + 2 * k] = _mm256_castpd_ps(_mm256_unpacklo_pd(low, high));
      b[i + 2 * k + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(low, high));
    }
  }
  UNROLL
  for (int c = 0; c < 4; c++) {
    rows[c] = _mm256_permute2f128_ps(b[c], b[4 + c], 0x20);
    rows[c + 4] = _mm256_permute2f128_ps(b[c], b[4 + c], 0x31);
  }
}
#else
ALWAYS_INLINE void transpose_square(vector rows[LANES]) {
  const vector a = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
  const vector b = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
  const vector c = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
  const vector d = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
  rows[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  rows[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  rows[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  rows[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}
#endif

/// The element i of the target's row j = source[i * source_stride + j], for a square of LANES by LANES
/// elements whose first row and column are `down` and `right`; row j of the target begins at
/// target + targets[j], or at target + j * target_stride where `targets` is NULL.
ALWAYS_INLINE void transpose_part(
    const float *source, ptrdiff_t source_stride, int down, int right, float *target,
    const ptrdiff_t *targets, ptrdiff_t target_stride) {
  vector rows[LANES];
  UNROLL
  for (int i = 0; i < LANES; i++) {
    rows[i] = vector_load(source + (down + i) * source_stride + right);
  }
  transpose_square(rows);
  UNROLL
  for (int j = 0; j < LANES; j++) {
    const ptrdiff_t row = targets ? targets[right + j] : (right + j) * target_stride;
    vector_store(target + row + down, rows[j]);
  }
}

/// target[j * target_stride + i] = source[i * source_stride + j] for 16 by 16 elements.
ALWAYS_INLINE void transpose_block(
    const float *source, ptrdiff_t source_stride, float *target, ptrdiff_t target_stride) {
  for (int down = 0; down < CNN_BLOCK; down += LANES) {
    for (int right = 0; right < CNN_BLOCK; right += LANES) {
      transpose_part(source, source_stride, down, right, target, NULL, target_stride);
    }
  }
}

/// The same with the offset of each row of the target: target[targets[j] + i] = source[...].
ALWAYS_INLINE void transpose_block_to(
    const float *source, ptrdiff_t source_stride, float *target,
    const ptrdiff_t targets[CNN_BLOCK]) {
  for (int down = 0; down < CNN_BLOCK; down += LANES) {
    for (int right = 0; right < CNN_BLOCK; right += LANES) {
      transpose_part(source, source_stride, down, right, target, targets, 0);
    }
  }
}
