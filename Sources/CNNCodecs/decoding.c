#include "decoding.h"

#include <stdio.h>
#include <stdlib.h>

void cnn_decoding_begin(cnn_decoding *decoding, const uint8_t *bytes, size_t count,
                        uint64_t maximum_pixels) {
  decoding->picture.message = decoding->message;
  decoding->picture.warning = decoding->warning;
  decoding->picture.maximum_side = cnn_maximum_side;
  decoding->bytes = bytes;
  decoding->count = count;
  decoding->maximum_pixels = maximum_pixels;
}

_Noreturn void cnn_decoding_fail(cnn_decoding *decoding, cnn_decode_status status,
                                 const char *message) {
  decoding->picture.status = status;
  if (message != decoding->message)
    snprintf(decoding->message, sizeof decoding->message, "%s", message);
  longjmp(decoding->failure, 1);
}

void cnn_decoding_warn(cnn_decoding *decoding, const char *warning) {
  if (decoding->picture.warning_count++ == 0)
    snprintf(decoding->warning, sizeof decoding->warning, "%s", warning);
}

void cnn_decoding_check_size(cnn_decoding *decoding, uint64_t width, uint64_t height) {
  decoding->picture.width = (uint32_t)width;
  decoding->picture.height = (uint32_t)height;
  if (width > cnn_maximum_side || height > cnn_maximum_side)
    cnn_decoding_fail(decoding, cnn_decode_side_too_long, "");
  if (width * height > decoding->maximum_pixels)
    cnn_decoding_fail(decoding, cnn_decode_too_many_pixels, "");
}

void cnn_decoding_allocate_pixels(cnn_decoding *decoding, size_t bytes_per_pixel) {
  cnn_picture *picture = &decoding->picture;
  picture->pixels = calloc((size_t)picture->width * picture->height, bytes_per_pixel);
  if (picture->pixels == NULL) cnn_decoding_fail(decoding, cnn_decode_out_of_memory, "");
}

void cnn_decoding_end(cnn_decoding *decoding) {
  cnn_picture *picture = &decoding->picture;
  // Whatever the library stumbled over lies behind the last byte.
  if (picture->status == cnn_decode_corrupt && decoding->source_ended)
    picture->status = decoding->finishing ? cnn_decode_complete : cnn_decode_truncated;
  if (picture->status == cnn_decode_complete) {
    picture->rows = picture->height;
    picture->end_missing = decoding->source_ended;
  } else if (picture->status != cnn_decode_truncated) {
    free(picture->pixels);
    picture->pixels = NULL;
  }
}

void cnn_picture_free(cnn_picture *picture) {
  if (picture == NULL) return;
  free(picture->pixels);
  free(picture);
}
