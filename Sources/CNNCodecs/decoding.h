// What the decoders share.
#ifndef CNN_DECODING_H
#define CNN_DECODING_H

#include <setjmp.h>

#include "cnn_codecs.h"

/// One decode.
///
/// It is on the heap and is reached through the libraries' client pointers, so that nothing that is
/// read after a longjmp is a local variable.
struct cnn_decoding {
  /// First, so that `cnn_picture_free` can free the whole through it.
  struct cnn_picture picture;
  char message[256];
  char warning[256];
  const uint8_t *bytes;
  size_t count;
  uint64_t maximum_pixels;
  /// The library asked for bytes beyond the end.
  bool source_ended;
  /// All rows are decoded and only the rest of the file is being read.
  bool finishing;
  jmp_buf failure;
};

/// Prepares `decoding`, which is zeroed, for `count` bytes.
void cnn_decoding_begin(
    struct cnn_decoding *decoding, const uint8_t *bytes, size_t count, uint64_t maximum_pixels);

/// Leaves the decoder: records why and jumps to `failure`.
_Noreturn void cnn_decoding_fail(
    struct cnn_decoding *decoding, enum cnn_decode_status status, const char *message);

/// Counts a warning and stores the text of the first.
void cnn_decoding_warn(struct cnn_decoding *decoding, const char *warning);

/// Sets the size of the picture. Fails where a side is 0 or the size is over the limits; call it
/// before anything of that size is allocated.
void cnn_decoding_set_size(struct cnn_decoding *decoding, uint64_t width, uint64_t height);

/// Allocates `pixels`, zeroed, `[height, width, bytes_per_pixel]`; fails where there is no memory.
void cnn_decoding_allocate_pixels(struct cnn_decoding *decoding, size_t bytes_per_pixel);

/// Call it after the library has ended or jumped: tells a file that ends too early from a damaged
/// one, and frees pixels that must not be used.
void cnn_decoding_end(struct cnn_decoding *decoding);

/// round(a / 255) for products of two bytes, exactly.
static inline int cnn_divide_by_255(int a) { return (a + 128 + ((a + 128) >> 8)) >> 8; }

#endif
