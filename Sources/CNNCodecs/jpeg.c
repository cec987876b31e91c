#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

#include "decoding.h"

typedef struct {
  // First, so that a pointer to it is a pointer to this.
  cnn_decoding decoding;
  struct jpeg_decompress_struct library;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  struct jpeg_source_mgr source;
  // One row of CMYK; NULL for other colours.
  uint8_t *cmyk_row;
} jpeg_decoding;

// MARK: Errors and warnings

static cnn_decode_status status_of(int message_code) {
  switch (message_code) {
    case JERR_OUT_OF_MEMORY:
      return cnn_decode_out_of_memory;
    case JERR_IMAGE_TOO_BIG:
      return cnn_decode_side_too_long;
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_NOTIMPL:
      return cnn_decode_unsupported;
    default:
      return cnn_decode_corrupt;
  }
}

static void on_error(j_common_ptr library) {
  jpeg_decoding *jpeg = library->client_data;
  char text[JMSG_LENGTH_MAX];
  library->err->format_message(library, text);
  if (jpeg->decoding.finishing) {
    // Damage behind the last row changes no pixel.
    cnn_decoding_warn(&jpeg->decoding, text);
    longjmp(jpeg->decoding.failure, 1);
  }
  const cnn_decode_status status = status_of(library->err->msg_code);
  if (status == cnn_decode_side_too_long) {
    // The library checks the sides itself, before the header is handed over.
    jpeg->decoding.picture.width = jpeg->library.image_width;
    jpeg->decoding.picture.height = jpeg->library.image_height;
    jpeg->decoding.picture.maximum_side = JPEG_MAX_DIMENSION;
  }
  cnn_decoding_fail(&jpeg->decoding, status, text);
}

// Rows that stand above the one that is being decoded.
static uint32_t rows_above(j_decompress_ptr library) {
  uint64_t rows = (uint64_t)library->input_iMCU_row * library->max_v_samp_factor * DCTSIZE;
  return rows < library->image_height ? (uint32_t)rows : library->image_height;
}

// Notes that the picture goes on where its data have ended: the rest will be grey.
static void note_missing_data(jpeg_decoding *jpeg) {
  cnn_picture *picture = &jpeg->decoding.picture;
  if (picture->status != cnn_decode_complete) return;
  picture->status = cnn_decode_truncated;
  picture->scan = (uint32_t)jpeg->library.input_scan_number;
  // A later scan refines rows that the first one has filled.
  picture->rows = picture->scan > 1 ? picture->height : rows_above(&jpeg->library);
}

// Whether a marker among the data of a scan means that whole rows of the picture are lost: that of
// a cut file, which `source_fill` makes up, and any but a restart marker in the first scan. Where
// it costs a part of the last row of blocks only, it is damage like any other.
static bool scan_is_over(jpeg_decoding *jpeg) {
  j_decompress_ptr library = &jpeg->library;
  if (jpeg->decoding.source_ended) return true;
  const bool is_restart =
      library->unread_marker >= JPEG_RST0 && library->unread_marker <= JPEG_RST0 + 7;
  return !is_restart && library->input_scan_number == 1 &&
         library->input_iMCU_row + 1 < library->total_iMCU_rows;
}

static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  jpeg_decoding *jpeg = common->client_data;
  j_decompress_ptr library = &jpeg->library;
  common->err->num_warnings++;
  if (common->err->msg_code == JWRN_HIT_MARKER && scan_is_over(jpeg)) {
    note_missing_data(jpeg);
    return;
  }
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  cnn_decoding_warn(&jpeg->decoding, text);
}

static void on_progress(j_common_ptr library) {
  jpeg_decoding *jpeg = library->client_data;
  if (jpeg->library.input_scan_number > cnn_maximum_scans)
    cnn_decoding_fail(&jpeg->decoding, cnn_decode_too_many_scans, "");
}

// MARK: Source: the bytes, and after them end markers without end

static void source_begin(j_decompress_ptr library) { (void)library; }

static boolean source_fill(j_decompress_ptr library) {
  static const JOCTET end_of_image[2] = {0xFF, JPEG_EOI};
  jpeg_decoding *jpeg = library->client_data;
  if (!jpeg->decoding.source_ended) {
    jpeg->decoding.source_ended = true;
    // The arithmetic decoder takes missing bytes for zeros and never warns, so nobody can tell
    // whether only the end marker is missing.
    if (library->arith_code && !jpeg->decoding.finishing) note_missing_data(jpeg);
  }
  library->src->next_input_byte = end_of_image;
  library->src->bytes_in_buffer = sizeof end_of_image;
  return TRUE;
}

static void source_skip(j_decompress_ptr library, long count) {
  if (count <= 0) return;
  if ((size_t)count > library->src->bytes_in_buffer) {
    source_fill(library);
  } else {
    library->src->next_input_byte += count;
    library->src->bytes_in_buffer -= (size_t)count;
  }
}

static void source_end(j_decompress_ptr library) { (void)library; }

// MARK: Decoding

static void set_callbacks(jpeg_decoding *jpeg) {
  j_decompress_ptr library = &jpeg->library;
  library->err = jpeg_std_error(&jpeg->errors);
  jpeg->errors.error_exit = on_error;
  jpeg->errors.emit_message = on_message;
  library->client_data = jpeg;
  jpeg_create_decompress(library);
  jpeg->progress.progress_monitor = on_progress;
  library->progress = &jpeg->progress;
  jpeg->source.next_input_byte = jpeg->decoding.bytes;
  jpeg->source.bytes_in_buffer = jpeg->decoding.count;
  jpeg->source.init_source = source_begin;
  jpeg->source.fill_input_buffer = source_fill;
  jpeg->source.skip_input_data = source_skip;
  jpeg->source.resync_to_restart = jpeg_resync_to_restart;
  jpeg->source.term_source = source_end;
  library->src = &jpeg->source;
}

// A file cut between two scans raises no warning: then a component has never been seen, or some
// of its coefficients have not got their last bit.
static bool scans_are_missing(j_decompress_ptr library) {
  for (int index = 0; index < library->num_components; index++) {
    if (library->comp_info[index].quant_table == NULL) return true;
    if (library->coef_bits == NULL) continue;
    for (int coefficient = 0; coefficient < DCTSIZE2; coefficient++)
      if (library->coef_bits[index][coefficient] != 0) return true;
  }
  return false;
}

// CMYK to RGB as Pillow does it: each ink takes its share of what black leaves. Adobe writes CMYK
// inverted, 255 for no ink; without its marker 0 is no ink.
static void convert_row(const uint8_t *cmyk, uint8_t *rgb, size_t width, bool inverted) {
  const int flip = inverted ? 0xFF : 0;
  for (size_t x = 0; x < width; x++) {
    const int left = 255 - (cmyk[4 * x + 3] ^ flip);
    for (int channel = 0; channel < 3; channel++)
      rgb[3 * x + channel] =
          (uint8_t)(left - cnn_divide_by_255((cmyk[4 * x + channel] ^ flip) * left));
  }
}

static void read_rows(jpeg_decoding *jpeg) {
  j_decompress_ptr library = &jpeg->library;
  const size_t width = library->output_width;
  while (library->output_scanline < library->output_height) {
    uint8_t *rgb = jpeg->decoding.picture.pixels + 3 * width * library->output_scanline;
    JSAMPROW row = jpeg->cmyk_row != NULL ? jpeg->cmyk_row : rgb;
    if (jpeg_read_scanlines(library, &row, 1) != 1)
      cnn_decoding_fail(&jpeg->decoding, cnn_decode_corrupt, "a row could not be decoded");
    if (jpeg->cmyk_row != NULL)
      convert_row(jpeg->cmyk_row, rgb, width, library->saw_Adobe_marker);
  }
}

static void decode(jpeg_decoding *jpeg) {
  j_decompress_ptr library = &jpeg->library;
  cnn_decoding *decoding = &jpeg->decoding;
  set_callbacks(jpeg);
  jpeg_read_header(library, TRUE);
  cnn_decoding_check_size(decoding, library->image_width, library->image_height);
  if (library->jpeg_color_space == JCS_UNKNOWN)
    cnn_decoding_fail(decoding, cnn_decode_unsupported, "its colours are not known");

  const bool has_black = library->num_components == 4;
  library->out_color_space = has_black ? JCS_CMYK : JCS_RGB;
  // The choices of Pillow and the library's own defaults, written down: they decide bits.
  library->dct_method = JDCT_ISLOW;
  library->do_fancy_upsampling = TRUE;
  if (has_black) {
    jpeg->cmyk_row = calloc(library->image_width, 4);
    if (jpeg->cmyk_row == NULL) cnn_decoding_fail(decoding, cnn_decode_out_of_memory, "");
  }
  // A progressive file takes memory for the coefficients of the whole picture: 2 bytes for each of
  // at most 4 components, so 8 bytes a pixel, which the limit of pixels bounds. `max_memory_to_use`
  // is left alone: the library is built without temporary files, and a limit there makes it refuse
  // such pictures instead of decoding them in less.
  if (!jpeg_start_decompress(library))
    cnn_decoding_fail(decoding, cnn_decode_corrupt, "its scans could not be read");
  cnn_decoding_allocate_pixels(decoding, 3);
  read_rows(jpeg);
  if (decoding->source_ended && jpeg_has_multiple_scans(library) && scans_are_missing(library))
    note_missing_data(jpeg);

  decoding->finishing = decoding->picture.status == cnn_decode_complete;
  if (decoding->finishing) jpeg_finish_decompress(library);
}

cnn_picture *cnn_decode_jpeg(const uint8_t *bytes, size_t count, uint64_t maximum_pixels) {
  jpeg_decoding *jpeg = calloc(1, sizeof *jpeg);
  if (jpeg == NULL) return NULL;
  cnn_decoding_begin(&jpeg->decoding, bytes, count, maximum_pixels);
  if (setjmp(jpeg->decoding.failure) == 0) decode(jpeg);
  jpeg_destroy_decompress(&jpeg->library);
  free(jpeg->cmyk_row);
  jpeg->cmyk_row = NULL;
  cnn_decoding_end(&jpeg->decoding);
  return &jpeg->decoding.picture;
}
