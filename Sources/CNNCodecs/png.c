#include "libraries.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "decoding.h"

struct png_decoding {
  /// First, so that a pointer to it is a pointer to this.
  struct cnn_decoding decoding;
  png_structp library;
  png_infop info;
  /// Bytes of the file that were read.
  size_t position;
};

// MARK: Errors, warnings and source

static void on_error(png_structp library, png_const_charp message) {
  struct png_decoding *png = png_get_error_ptr(library);
  cnn_decoding_fail(&png->decoding, cnn_decode_corrupt, message);
}

static void on_warning(png_structp library, png_const_charp message) {
  struct png_decoding *png = png_get_error_ptr(library);
  cnn_decoding_warn(&png->decoding, message);
}

static void read_bytes(png_structp library, png_bytep target, size_t count) {
  struct png_decoding *png = png_get_io_ptr(library);
  if (count > png->decoding.count - png->position) {
    png->decoding.source_ended = true;
    png_error(library, "the file ends");
  }
  memcpy(target, png->decoding.bytes + png->position, count);
  png->position += count;
}

// MARK: Decoding

static void open_library(struct png_decoding *png) {
  png->library = png_create_read_struct(PNG_LIBPNG_VER_STRING, png, on_error, on_warning);
  if (png->library == NULL) cnn_decoding_fail(&png->decoding, cnn_decode_out_of_memory, "");
  png->info = png_create_info_struct(png->library);
  if (png->info == NULL) cnn_decoding_fail(&png->decoding, cnn_decode_out_of_memory, "");
  png_set_read_fn(png->library, png, read_bytes);
  // All ancillary chunks but tRNS are skipped unread: nothing here uses them, and libpng 1.6.39
  // allocates the size that a text chunk states, whatever limit is set.
  png_set_keep_unknown_chunks(png->library, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  // The size is checked by `cnn_decoding_set_size`.
  png_set_user_limits(png->library, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
}

/// Has libpng produce 8-bit RGB or RGBA rows. Gamma and colour profiles are not applied, as in
/// every training pipeline.
static void set_transformations(struct png_decoding *png, bool keeps_alpha) {
  png_structp library = png->library;
  const int color_type = png_get_color_type(library, png->info);
  if (color_type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(library);
  if (color_type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(library);
  if (!keeps_alpha) {
    png_set_strip_alpha(library);
  } else if (png_get_valid(library, png->info, PNG_INFO_tRNS)) {
    png_set_tRNS_to_alpha(library);
  }
  // The high byte, v >> 8.
  png_set_strip_16(library);
  if (!(color_type & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(library);
}

/// Decodes into `pixels`, whose rows are `stride` bytes long.
static void read_rows(struct png_decoding *png, int passes, size_t stride) {
  struct cnn_picture *picture = &png->decoding.picture;
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t row = 0; row < picture->height; row++) {
      // An interlaced picture is filled in seven passes, which all count the same.
      picture->rows = (uint32_t)(((uint64_t)pass * picture->height + row) / (uint64_t)passes);
      png_read_row(png->library, picture->pixels + stride * row, NULL);
    }
  }
}

static void decode(struct png_decoding *png, bool keeps_alpha) {
  struct cnn_decoding *decoding = &png->decoding;
  open_library(png);
  png_read_info(png->library, png->info);
  cnn_decoding_set_size(
      decoding, png_get_image_width(png->library, png->info),
      png_get_image_height(png->library, png->info));
  set_transformations(png, keeps_alpha);
  const int passes = png_set_interlace_handling(png->library);
  png_read_update_info(png->library, png->info);
  const size_t channels = png_get_channels(png->library, png->info);
  const size_t stride = channels * decoding->picture.width;
  if ((channels != 3 && channels != 4) || png_get_rowbytes(png->library, png->info) != stride) {
    cnn_decoding_fail(decoding, cnn_decode_unsupported, "its pixels cannot be made RGB");
  }
  cnn_decoding_allocate_pixels(decoding, channels);
  read_rows(png, passes, stride);
  decoding->finishing = true;
  png_read_end(png->library, NULL);
}

struct cnn_picture *cnn_decode_png(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, const uint8_t *background) {
  struct png_decoding *png = calloc(1, sizeof *png);
  if (png == NULL) return NULL;
  cnn_decoding_begin(&png->decoding, bytes, count, maximum_pixels);
  if (setjmp(png->decoding.failure) == 0) decode(png, background != NULL);
  const bool has_alpha = png->library != NULL && png->info != NULL &&
                         png_get_channels(png->library, png->info) == 4;
  png_destroy_read_struct(&png->library, &png->info, NULL);
  cnn_decoding_end(&png->decoding);
  struct cnn_picture *picture = &png->decoding.picture;
  if (picture->pixels != NULL && has_alpha && background != NULL) {
    cnn_composite(
        picture->pixels, picture->pixels, (size_t)picture->width * picture->height, background);
  }
  return picture;
}
