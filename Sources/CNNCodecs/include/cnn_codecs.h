// Decoders of picture files, from encoded bytes to 8-bit interleaved RGB, and encoders.
//
// libjpeg and libpng report errors by longjmp and giflib reads through a callback; neither may meet
// a Swift frame. So each format is one C function: jumps and callbacks stay inside of it, and what
// went wrong is returned.
#ifndef CNN_CODECS_H
#define CNN_CODECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a decode ended.
enum cnn_decode_status {
  /// All rows are decoded.
  cnn_decode_complete,
  /// The bytes end before the picture does; `rows` states how much was decoded.
  cnn_decode_truncated,
  /// The bytes contradict themselves.
  cnn_decode_corrupt,
  /// More pixels than allowed.
  cnn_decode_too_many_pixels,
  /// A width or height above `maximum_side`, however few pixels.
  cnn_decode_side_too_long,
  /// A JPEG of more scans than any camera or program writes.
  cnn_decode_too_many_scans,
  /// A variant of the format that the library cannot decode.
  cnn_decode_unsupported,
  cnn_decode_out_of_memory,
};

/// The result of a decode.
struct cnn_picture {
  enum cnn_decode_status status;
  /// The library's words about a status other than `complete`; never NULL, maybe empty.
  const char *message;
  /// The first warning; never NULL, empty where there is none.
  const char *warning;
  uint32_t warning_count;
  uint32_t width;
  uint32_t height;
  /// The greatest width and height that this decoder accepts.
  uint32_t maximum_side;
  /// How many rows hold the picture. The other rows of a truncated picture are grey (JPEG), black
  /// or the background (PNG, WebP), or what a GIF shows around its frame.
  uint32_t rows;
  /// The scan of a JPEG in which the bytes ended, counted from 1. After the first one all rows are
  /// there, coarsely.
  uint32_t scan;
  /// The picture is complete, but the bytes end before the file should: an end marker (EOI, IEND, a
  /// GIF's trailer) or later chunks of a WebP are missing.
  bool end_missing;
  /// `[height, width, 3]` bytes where the status is `complete`, and where it is `truncated` and the
  /// library could go on; otherwise NULL.
  uint8_t *pixels;
};

// The decoders take `count` bytes at `bytes`, check the size that these state against
// `maximum_pixels` before they allocate anything for it, and return NULL where there is no memory
// for the result itself. Free the result with `cnn_picture_free`.
//
// `background` is the R, G, B that transparent pixels are composited on, or NULL to ignore
// transparency.

/// Decodes a JPEG, with the choices of Pillow.
///
/// `scaled_side`: 0, or the length that both sides keep at least when the decoder scales the
/// picture down by 2, 4 or 8, which saves most of its time; a smaller picture is not scaled.
struct cnn_picture *cnn_decode_jpeg(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, uint32_t scaled_side);

/// Decodes a PNG; of an animation the default picture.
struct cnn_picture *cnn_decode_png(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, const uint8_t *background);

/// Decodes a WebP, lossy or lossless; of an animation the first frame, on its canvas.
struct cnn_picture *cnn_decode_webp(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, const uint8_t *background);

/// Decodes the first frame of a GIF, on its screen.
///
/// As in Pillow, pixels of the screen outside of the frame are transparent where the frame has a
/// transparent colour; otherwise they have the first colour of the palette.
struct cnn_picture *cnn_decode_gif(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, const uint8_t *background);

/// Frees the result of a decoder; NULL is allowed.
void cnn_picture_free(struct cnn_picture *picture);

/// An encoded picture: `count` bytes at `bytes`.
struct cnn_encoded {
  uint8_t *bytes;
  size_t count;
};

// The encoders take pixels `[height, width, 3]`, where neither side is 0 or more than
// `cnn_maximum_side`, and return NULL where there is no memory. Free the result with
// `cnn_encoded_free`.

/// Encodes a PNG of 8-bit RGB.
struct cnn_encoded *cnn_encode_png(const uint8_t *rgb, uint32_t width, uint32_t height);

/// Encodes a baseline JPEG of a quality from 1 to 100, on libjpeg's scale.
struct cnn_encoded *cnn_encode_jpeg(
    const uint8_t *rgb, uint32_t width, uint32_t height, int quality);

/// Frees the result of an encoder; NULL is allowed.
void cnn_encoded_free(struct cnn_encoded *encoded);

/// Composites `count` RGBA pixels (alpha not premultiplied) on the R, G, B of `background`, and
/// writes `[count, 3]` bytes to `rgb`, which may be `rgba` itself.
void cnn_composite(uint8_t *rgb, const uint8_t *rgba, size_t count, const uint8_t *background);

/// The most scans of one JPEG. Progressive files have about 10; without a limit a small file can
/// ask for minutes of work.
enum { cnn_maximum_scans = 100 };

/// The greatest width and height, in pixels: that of JPEG, which bounds the other formats as well.
enum { cnn_maximum_side = 65535 };

#ifdef __cplusplus
}
#endif
#endif
