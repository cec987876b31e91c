#include "decoding.h"

#include <stdio.h>
#include <stdlib.h>

void cnn_decoding_begin(
    struct cnn_decoding *decoding, const uint8_t *bytes, size_t count, uint64_t maximum_pixels) {
  decoding->picture.message = decoding->message;
  decoding->picture.warning = decoding->warning;
  decoding->picture.maximum_side = cnn_maximum_side;
  decoding->bytes = bytes;
  decoding->count = count;
  decoding->maximum_pixels = maximum_pixels;
}

_Noreturn void cnn_decoding_fail(
    struct cnn_decoding *decoding, enum cnn_decode_status status, const char *message) {
  decoding->picture.status = status;
  snprintf(decoding->message, sizeof decoding->message, "%s", message);
  longjmp(decoding->failure, 1);
}

void cnn_decoding_warn(struct cnn_decoding *decoding, const char *warning) {
  if (decoding->picture.warning_count++ == 0) {
    snprintf(decoding->warning, sizeof decoding->warning, "%s", warning);
  }
}

void cnn_decoding_set_size(struct cnn_decoding *decoding, uint64_t width, uint64_t height) {
  decoding->picture.width = (uint32_t)width;
  decoding->picture.height = (uint32_t)height;
  if (width == 0 || height == 0) {
    cnn_decoding_fail(decoding, cnn_decode_corrupt, "it has no pixels");
  }
  if (width > cnn_maximum_side || height > cnn_maximum_side) {
    cnn_decoding_fail(decoding, cnn_decode_side_too_long, "");
  }
  if (width * height > decoding->maximum_pixels) {
    cnn_decoding_fail(decoding, cnn_decode_too_many_pixels, "");
  }
}

void cnn_decoding_allocate_pixels(struct cnn_decoding *decoding, size_t bytes_per_pixel) {
  struct cnn_picture *picture = &decoding->picture;
  picture->pixels = calloc((size_t)picture->width * picture->height, bytes_per_pixel);
  if (picture->pixels == NULL) cnn_decoding_fail(decoding, cnn_decode_out_of_memory, "");
}

void cnn_decoding_end(struct cnn_decoding *decoding) {
  struct cnn_picture *picture = &decoding->picture;
  // Whatever the library could not read lies beyond the last byte.
  if (picture->status == cnn_decode_corrupt && decoding->source_ended) {
    picture->status = decoding->finishing ? cnn_decode_complete : cnn_decode_truncated;
  }
  if (picture->status == cnn_decode_complete) {
    picture->rows = picture->height;
    picture->end_missing = decoding->source_ended;
  } else if (picture->status != cnn_decode_truncated) {
    free(picture->pixels);
    picture->pixels = NULL;
  }
}

void cnn_picture_free(struct cnn_picture *picture) {
  if (picture == NULL) return;
  free(picture->pixels);
  free(picture);
}

void cnn_composite(uint8_t *rgb, const uint8_t *rgba, size_t count, const uint8_t *background) {
  for (size_t pixel = 0; pixel < count; pixel++) {
    const uint8_t *over = rgba + 4 * pixel;
    const int alpha = over[3];
    for (int channel = 0; channel < 3; channel++) {
      // The sum of both shares is rounded once, as in Pillow's paste.
      rgb[3 * pixel + channel] = (uint8_t)cnn_divide_by_255(
          over[channel] * alpha + background[channel] * (255 - alpha));
    }
  }
}
