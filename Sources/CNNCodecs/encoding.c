#include "libraries.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#include "cnn_codecs.h"

static struct cnn_encoded *new_result(void) { return calloc(1, sizeof(struct cnn_encoded)); }

void cnn_encoded_free(struct cnn_encoded *encoded) {
  if (encoded == NULL) return;
  free(encoded->bytes);
  free(encoded);
}

// MARK: PNG

struct png_target {
  struct cnn_encoded *result;
  size_t capacity;
};

static void write_bytes(png_structp library, png_bytep bytes, size_t count) {
  struct png_target *target = png_get_io_ptr(library);
  struct cnn_encoded *result = target->result;
  if (result->count + count > target->capacity) {
    target->capacity = 2 * (result->count + count);
    uint8_t *larger = realloc(result->bytes, target->capacity);
    if (larger == NULL) png_error(library, "out of memory");
    result->bytes = larger;
  }
  memcpy(result->bytes + result->count, bytes, count);
  result->count += count;
}

static void flush_bytes(png_structp library) { (void)library; }

struct cnn_encoded *cnn_encode_png(const uint8_t *rgb, uint32_t width, uint32_t height) {
  // Volatile: read after a longjmp.
  struct cnn_encoded *volatile result = new_result();
  struct png_target *volatile target = calloc(1, sizeof(struct png_target));
  png_structp library = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = library == NULL ? NULL : png_create_info_struct(library);
  volatile bool is_complete = false;
  if (result != NULL && target != NULL && info != NULL && setjmp(png_jmpbuf(library)) == 0) {
    target->result = result;
    png_set_write_fn(library, target, write_bytes, flush_bytes);
    png_set_IHDR(library, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(library, info);
    for (uint32_t row = 0; row < height; row++) {
      png_write_row(library, rgb + (size_t)3 * width * row);
    }
    png_write_end(library, NULL);
    is_complete = true;
  }
  png_destroy_write_struct(&library, &info);
  free(target);
  if (is_complete) return result;
  cnn_encoded_free(result);
  return NULL;
}

// MARK: JPEG

struct jpeg_encoding {
  struct jpeg_compress_struct library;
  struct jpeg_error_mgr errors;
  jmp_buf failure;
  unsigned char *bytes;
  unsigned long count;
};

static void on_error(j_common_ptr library) {
  struct jpeg_encoding *jpeg = library->client_data;
  longjmp(jpeg->failure, 1);
}

static void on_message(j_common_ptr library, int level) {
  (void)library;
  (void)level;
}

static void encode(
    struct jpeg_encoding *jpeg, const uint8_t *rgb, uint32_t width, uint32_t height, int quality) {
  j_compress_ptr library = &jpeg->library;
  jpeg_create_compress(library);
  jpeg_mem_dest(library, &jpeg->bytes, &jpeg->count);
  library->image_width = width;
  library->image_height = height;
  library->input_components = 3;
  library->in_color_space = JCS_RGB;
  jpeg_set_defaults(library);
  jpeg_set_quality(library, quality, TRUE);
  library->optimize_coding = TRUE;
  jpeg_start_compress(library, TRUE);
  while (library->next_scanline < height) {
    // The library's declaration lacks a `const`; rows are not written.
    JSAMPROW row = (JSAMPROW)(rgb + (size_t)3 * width * library->next_scanline);
    jpeg_write_scanlines(library, &row, 1);
  }
  jpeg_finish_compress(library);
}

struct cnn_encoded *cnn_encode_jpeg(
    const uint8_t *rgb, uint32_t width, uint32_t height, int quality) {
  struct cnn_encoded *volatile result = new_result();
  struct jpeg_encoding *volatile jpeg = calloc(1, sizeof(struct jpeg_encoding));
  if (result == NULL || jpeg == NULL) {
    cnn_encoded_free(result);
    free(jpeg);
    return NULL;
  }
  jpeg->library.err = jpeg_std_error(&jpeg->errors);
  jpeg->errors.error_exit = on_error;
  jpeg->errors.emit_message = on_message;
  jpeg->library.client_data = jpeg;
  volatile bool is_complete = false;
  if (setjmp(jpeg->failure) == 0) {
    encode(jpeg, rgb, width, height, quality);
    is_complete = true;
  }
  jpeg_destroy_compress(&jpeg->library);
  result->bytes = jpeg->bytes;
  result->count = jpeg->count;
  free(jpeg);
  if (is_complete) return result;
  cnn_encoded_free(result);
  return NULL;
}
