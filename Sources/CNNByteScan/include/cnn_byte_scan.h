/// What the bytes of a weights file are checked for, at the speed of memory.
#ifndef CNN_BYTE_SCAN_H
#define CNN_BYTE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has carry-less multiplication (PCLMULQDQ), which `cnn_crc32` needs.
bool cnn_crc32_available(void);

/// The CRC-32 of zip archives (ISO 3309) of the bytes whose CRC-32 is `crc`, followed by `count`
/// bytes; begin with 0. Precondition: `cnn_crc32_available()`.
uint32_t cnn_crc32(uint32_t crc, const void *bytes, size_t count);

/// Whether any of `count` 32-bit floats, at any address, is NaN or infinite.
bool cnn_has_non_finite(const void *floats, size_t count);

#endif
