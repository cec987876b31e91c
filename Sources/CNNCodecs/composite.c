#include "decoding.h"

void cnn_composite(uint8_t *rgb, const uint8_t *rgba, size_t count, const uint8_t *background) {
  for (size_t pixel = 0; pixel < count; pixel++) {
    const uint8_t *over = rgba + 4 * pixel;
    const int alpha = over[3];
    for (int channel = 0; channel < 3; channel++)
      // Both shares are rounded at once, as by Pillow's paste.
      rgb[3 * pixel + channel] = (uint8_t)cnn_divide_by_255(
          over[channel] * alpha + background[channel] * (255 - alpha));
  }
}
