#ifndef CNN_CHECKSUM_H
#define CNN_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor multiplies without carries (PCLMULQDQ), which `cnn_crc32` needs.
bool cnn_crc32_available(void);

/// The CRC-32 of zip archives (ISO 3309) of what `crc` stands for followed by `count` bytes; begin
/// with 0. Precondition: `cnn_crc32_available()`.
uint32_t cnn_crc32(uint32_t crc, const void *bytes, size_t count);

#endif
