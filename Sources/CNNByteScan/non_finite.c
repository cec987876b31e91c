#include "cnn_byte_scan.h"

#include <string.h>

bool cnn_has_non_finite(const void *floats, size_t count) {
  // The exponent of NaN and infinity has all its bits set. No early exit, so that the compiler makes
  // vectors of the loop.
  const uint32_t exponent = 0x7f800000;
  uint32_t found = 0;
  for (size_t index = 0; index < count; index++) {
    uint32_t bits;
    memcpy(&bits, (const char *)floats + index * sizeof bits, sizeof bits);
    found |= (bits & exponent) == exponent;
  }
  return found != 0;
}
