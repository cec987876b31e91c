// Decoders of picture files: encoded bytes in, 8-bit interleaved RGB out.
//
// libjpeg and libpng report errors by longjmp, which must not cross a Swift frame. So each decoder
// is one C function: setjmp and every callback stay in here, and what went wrong is returned.
#ifndef CNN_CODECS_H
#define CNN_CODECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  // All rows are there.
  cnn_decode_complete,
  // The bytes end before the picture does; `rows` tells how much was decoded.
  cnn_decode_truncated,
  // The bytes contradict themselves.
  cnn_decode_corrupt,
  // More pixels than allowed.
  cnn_decode_too_many_pixels,
  // A width or height above `maximum_side`, however few pixels.
  cnn_decode_side_too_long,
  // A JPEG of more scans than any camera or program writes.
  cnn_decode_too_many_scans,
  // A variant of the format that the library cannot decode.
  cnn_decode_unsupported,
  cnn_decode_out_of_memory,
} cnn_decode_status;

typedef struct {
  cnn_decode_status status;
  // What the library said about a status other than `complete`; never NULL, maybe empty.
  const char *message;
  // The first warning; never NULL, empty where there is none.
  const char *warning;
  uint32_t warning_count;
  uint32_t width;
  uint32_t height;
  // The greatest width and height that this decoder takes.
  uint32_t maximum_side;
  // Rows from the top that hold the picture; below them a truncated picture is grey (JPEG), or
  // black or the background (PNG).
  uint32_t rows;
  // The scan of a JPEG in which the bytes ended, counted from 1. After the first one all rows are
  // there, coarsely.
  uint32_t scan;
  // The picture is complete but its end marker (EOI, IEND) is missing.
  bool end_missing;
  // width * height * 3 bytes where the status is `complete`, and where it is `truncated` and the
  // library could go on; otherwise NULL.
  uint8_t *pixels;
} cnn_picture;

// Both return NULL where there is no memory for the result itself; free it with `cnn_picture_free`.

cnn_picture *cnn_decode_jpeg(const uint8_t *bytes, size_t count, uint64_t maximum_pixels);

// `background`: the R, G, B that transparent pixels are composited on, or NULL to ignore alpha.
cnn_picture *cnn_decode_png(const uint8_t *bytes, size_t count, uint64_t maximum_pixels,
                            const uint8_t *background);

void cnn_picture_free(cnn_picture *picture);

// Composites `count` RGBA pixels (alpha not premultiplied) on the R, G, B of `background`. `rgb` may
// be `rgba` itself, whose first 3 * count bytes are then the result.
void cnn_composite(uint8_t *rgb, const uint8_t *rgba, size_t count, const uint8_t *background);

// The most scans of one JPEG. Progressive files have about 10; without a limit a small file can
// ask for minutes of work.
enum { cnn_maximum_scans = 100 };

// The greatest width and height, in pixels: that of JPEG, which bounds the PNG as well.
enum { cnn_maximum_side = 65535 };

#ifdef __cplusplus
}
#endif
#endif
