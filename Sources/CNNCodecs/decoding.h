// What the two decoders share.
#ifndef CNN_DECODING_H
#define CNN_DECODING_H

#include <setjmp.h>

#include "cnn_codecs.h"

// One decode. It lives on the heap and is reached through the libraries' client pointers, so that
// nothing that is read after a longjmp is a local variable.
typedef struct {
  // First, so that `cnn_picture_free` can free the whole by it.
  cnn_picture picture;
  char message[256];
  char warning[256];
  const uint8_t *bytes;
  size_t count;
  uint64_t maximum_pixels;
  // The library asked for bytes past the end.
  bool source_ended;
  // All rows are decoded and only the rest of the file is being read.
  bool finishing;
  jmp_buf failure;
} cnn_decoding;

// Prepares `decoding`, which is zeroed, for `bytes`.
void cnn_decoding_begin(cnn_decoding *decoding, const uint8_t *bytes, size_t count,
                        uint64_t maximum_pixels);

// Leaves the decoder: records why and jumps to `failure`.
_Noreturn void cnn_decoding_fail(cnn_decoding *decoding, cnn_decode_status status,
                                 const char *message);

// Counts a warning and keeps the text of the first.
void cnn_decoding_warn(cnn_decoding *decoding, const char *warning);

// Fails where width x height is over the limits; to be called before anything is allocated for it.
void cnn_decoding_check_size(cnn_decoding *decoding, uint64_t width, uint64_t height);

// Allocates `pixels`, zeroed, of `bytes_per_pixel` for each; fails where there is no memory.
void cnn_decoding_allocate_pixels(cnn_decoding *decoding, size_t bytes_per_pixel);

// To be called after the library is done or has jumped: tells a file that ends too early from a
// damaged one, and drops pixels that must not be used.
void cnn_decoding_end(cnn_decoding *decoding);

// round(a / 255) for products of two bytes, exactly.
static inline int cnn_divide_by_255(int a) { return (a + 128 + ((a + 128) >> 8)) >> 8; }

#endif
