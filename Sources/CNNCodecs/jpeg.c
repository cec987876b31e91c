#include "libraries.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

#include "decoding.h"

struct jpeg_decoding {
  /// First, so that a pointer to it is a pointer to this.
  struct cnn_decoding decoding;
  struct jpeg_decompress_struct library;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  struct jpeg_source_mgr source;
  /// One row of CMYK; NULL for other colours.
  uint8_t *cmyk_row;
};

// MARK: Errors and warnings

static enum cnn_decode_status status_of(int message_code) {
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
  struct jpeg_decoding *jpeg = library->client_data;
  char text[JMSG_LENGTH_MAX];
  library->err->format_message(library, text);
  if (jpeg->decoding.finishing) {
    // Damage behind the last row changes no pixel.
    cnn_decoding_warn(&jpeg->decoding, text);
    longjmp(jpeg->decoding.failure, 1);
  }
  const enum cnn_decode_status status = status_of(library->err->msg_code);
  if (status == cnn_decode_side_too_long) {
    // The library checks the sides itself, before it returns the header.
    jpeg->decoding.picture.width = jpeg->library.image_width;
    jpeg->decoding.picture.height = jpeg->library.image_height;
    jpeg->decoding.picture.maximum_side = JPEG_MAX_DIMENSION;
  }
  cnn_decoding_fail(&jpeg->decoding, status, text);
}

/// How many rows of the output lie above the row of blocks that is being decoded.
static uint32_t rows_above(j_decompress_ptr library) {
  // Until the header is read, the scale is not known, and there are no rows.
  if (library->scale_denom == 0) return 0;
  const uint64_t stored = (uint64_t)library->input_iMCU_row * library->max_v_samp_factor * DCTSIZE;
  const uint64_t rows = stored * library->scale_num / library->scale_denom;
  return rows < library->output_height ? (uint32_t)rows : library->output_height;
}

/// Records that the data end before the picture does: the rest will be grey.
static void note_missing_data(struct jpeg_decoding *jpeg) {
  struct cnn_picture *picture = &jpeg->decoding.picture;
  if (picture->status != cnn_decode_complete) return;
  picture->status = cnn_decode_truncated;
  picture->scan = (uint32_t)jpeg->library.input_scan_number;
  // A later scan refines rows that the first one has filled.
  picture->rows = picture->scan > 1 ? picture->height : rows_above(&jpeg->library);
}

/// Whether a marker among the data of a scan means that whole rows of the picture are lost.
///
/// That is so for a cut file, where `source_fill` supplies the marker, and for any marker but a
/// restart marker in the first scan. In the last row of blocks it is damage like any other.
static bool scan_is_over(struct jpeg_decoding *jpeg) {
  j_decompress_ptr library = &jpeg->library;
  if (jpeg->decoding.source_ended) return true;
  const bool is_restart =
      library->unread_marker >= JPEG_RST0 && library->unread_marker <= JPEG_RST0 + 7;
  return !is_restart && library->input_scan_number == 1 &&
         library->input_iMCU_row + 1 < library->total_iMCU_rows;
}

static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  struct jpeg_decoding *jpeg = common->client_data;
  common->err->num_warnings++;
  // An unknown version of JFIF, such as 0.00, is no damage: nothing depends on it.
  if (common->err->msg_code == JWRN_JFIF_MAJOR) return;
  if (common->err->msg_code == JWRN_HIT_MARKER && scan_is_over(jpeg)) {
    note_missing_data(jpeg);
    return;
  }
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  cnn_decoding_warn(&jpeg->decoding, text);
}

static void on_progress(j_common_ptr library) {
  struct jpeg_decoding *jpeg = library->client_data;
  if (jpeg->library.input_scan_number > cnn_maximum_scans) {
    cnn_decoding_fail(&jpeg->decoding, cnn_decode_too_many_scans, "");
  }
}

// MARK: Source: the bytes, and after them end markers for ever

static void source_begin(j_decompress_ptr library) { (void)library; }

static boolean source_fill(j_decompress_ptr library) {
  static const JOCTET end_of_image[2] = {0xFF, JPEG_EOI};
  struct jpeg_decoding *jpeg = library->client_data;
  if (!jpeg->decoding.source_ended) {
    jpeg->decoding.source_ended = true;
    // The arithmetic decoder reads missing bytes as zeros and never warns, so it is unknown whether
    // only the end marker is missing.
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

static void set_callbacks(struct jpeg_decoding *jpeg) {
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

/// Whether scans are missing, which the library does not report for a file that is cut between two
/// scans: then a component has no data, or some of its coefficients lack their last bits.
static bool scans_are_missing(j_decompress_ptr library) {
  for (int index = 0; index < library->num_components; index++) {
    if (library->comp_info[index].quant_table == NULL) return true;
    if (library->coef_bits == NULL) continue;
    for (int coefficient = 0; coefficient < DCTSIZE2; coefficient++) {
      if (library->coef_bits[index][coefficient] != 0) return true;
    }
  }
  return false;
}

/// Converts CMYK to RGB as Pillow does: each ink takes its share of what black leaves.
///
/// The inks are stored inverted, 255 for no ink. Adobe's marker announces that, and Pillow and
/// browsers read files without the marker in the same way.
static void convert_row(const uint8_t *cmyk, uint8_t *rgb, size_t width) {
  for (size_t x = 0; x < width; x++) {
    const int left = cmyk[4 * x + 3];
    for (int channel = 0; channel < 3; channel++) {
      const int ink = 255 - cmyk[4 * x + channel];
      rgb[3 * x + channel] = (uint8_t)(left - cnn_divide_by_255(ink * left));
    }
  }
}

static void read_rows(struct jpeg_decoding *jpeg) {
  j_decompress_ptr library = &jpeg->library;
  const size_t width = library->output_width;
  while (library->output_scanline < library->output_height) {
    uint8_t *rgb = jpeg->decoding.picture.pixels + 3 * width * library->output_scanline;
    JSAMPROW row = jpeg->cmyk_row != NULL ? jpeg->cmyk_row : rgb;
    if (jpeg_read_scanlines(library, &row, 1) != 1) {
      cnn_decoding_fail(&jpeg->decoding, cnn_decode_corrupt, "a row could not be decoded");
    }
    if (jpeg->cmyk_row != NULL) convert_row(jpeg->cmyk_row, rgb, width);
  }
}

/// Scales the picture down by 8, 4 or 2 where both sides keep at least `side` pixels, as Pillow's
/// `draft` does.
static void scale_down(j_decompress_ptr library, uint32_t side) {
  if (side == 0) return;
  for (unsigned denominator = 8; denominator > 1; denominator /= 2) {
    if (library->image_width / side >= denominator && library->image_height / side >= denominator) {
      library->scale_num = 1;
      library->scale_denom = denominator;
      return;
    }
  }
}

static void decode(struct jpeg_decoding *jpeg, uint32_t scaled_side) {
  j_decompress_ptr library = &jpeg->library;
  struct cnn_decoding *decoding = &jpeg->decoding;
  set_callbacks(jpeg);
  jpeg_read_header(library, TRUE);
  cnn_decoding_set_size(decoding, library->image_width, library->image_height);
  if (library->jpeg_color_space == JCS_UNKNOWN) {
    cnn_decoding_fail(decoding, cnn_decode_unsupported, "its colours are not known");
  }
  scale_down(library, scaled_side);

  const bool has_black = library->num_components == 4;
  library->out_color_space = has_black ? JCS_CMYK : JCS_RGB;
  // Pillow's choices and the library's own defaults, stated because they decide bits.
  library->dct_method = JDCT_ISLOW;
  library->do_fancy_upsampling = TRUE;
  if (has_black) {
    jpeg->cmyk_row = calloc(library->image_width, 4);
    if (jpeg->cmyk_row == NULL) cnn_decoding_fail(decoding, cnn_decode_out_of_memory, "");
  }
  // A progressive file takes memory for the coefficients of the whole picture: 2 bytes for each of
  // at most 4 components, so 8 bytes a pixel, which the limit of pixels bounds. `max_memory_to_use`
  // is not set: the library is built without temporary files, so it would refuse such pictures
  // rather than decode them in less memory.
  if (!jpeg_start_decompress(library)) {
    cnn_decoding_fail(decoding, cnn_decode_corrupt, "its scans could not be read");
  }
  decoding->picture.width = library->output_width;
  decoding->picture.height = library->output_height;
  cnn_decoding_allocate_pixels(decoding, 3);
  read_rows(jpeg);
  if (decoding->source_ended && jpeg_has_multiple_scans(library) && scans_are_missing(library)) {
    note_missing_data(jpeg);
  }

  decoding->finishing = decoding->picture.status == cnn_decode_complete;
  if (decoding->finishing) jpeg_finish_decompress(library);
}

struct cnn_picture *cnn_decode_jpeg(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, uint32_t scaled_side) {
  struct jpeg_decoding *jpeg = calloc(1, sizeof *jpeg);
  if (jpeg == NULL) return NULL;
  cnn_decoding_begin(&jpeg->decoding, bytes, count, maximum_pixels);
  if (setjmp(jpeg->decoding.failure) == 0) decode(jpeg, scaled_side);
  jpeg_destroy_decompress(&jpeg->library);
  free(jpeg->cmyk_row);
  jpeg->cmyk_row = NULL;
  cnn_decoding_end(&jpeg->decoding);
  return &jpeg->decoding.picture;
}
