#include "libraries.h"

#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

#include "decoding.h"

enum { color_count = 256, no_color = -1 };

struct gif_decoding {
  /// First, so that a pointer to it is a pointer to this.
  struct cnn_decoding decoding;
  GifFileType *library;
  /// Bytes of the file that were read.
  size_t position;
  /// The index of the transparent colour, or `no_color`.
  int transparent;
  /// What each index is shown as.
  uint8_t colors[color_count][3];
  /// The indices of one row of the frame.
  GifPixelType *row;
};

// MARK: Source and errors

/// Gives the library `count` bytes, or those that are left.
///
/// Where the length of a block should follow and the file ends, the length is 0, which ends a
/// frame's data: so a file that lacks only the end is complete.
static int read_bytes(GifFileType *library, GifByteType *target, int count) {
  struct gif_decoding *gif = library->UserData;
  const size_t left = gif->decoding.count - gif->position;
  const int available = left < (size_t)count ? (int)left : count;
  if (available < count) gif->decoding.source_ended = true;
  if (available == 0 && count == 1) {
    *target = 0;
    return 1;
  }
  memcpy(target, gif->decoding.bytes + gif->position, (size_t)available);
  gif->position += (size_t)available;
  return available;
}

static _Noreturn void fail(struct gif_decoding *gif, int code) {
  if (code == D_GIF_ERR_NOT_ENOUGH_MEM) {
    cnn_decoding_fail(&gif->decoding, cnn_decode_out_of_memory, "");
  }
  const char *message = GifErrorString(code);
  cnn_decoding_fail(
      &gif->decoding, cnn_decode_corrupt, message == NULL ? "it cannot be read" : message);
}

// MARK: Decoding

/// Reads an extension block; one that controls the next frame may name a transparent colour.
static void read_extension(struct gif_decoding *gif) {
  int kind = 0;
  GifByteType *block = NULL;
  if (DGifGetExtension(gif->library, &kind, &block) != GIF_OK) fail(gif, gif->library->Error);
  // Byte 0 is the length of the block. Bit 0 of byte 1 says whether byte 4 is a transparent colour.
  if (kind == GRAPHICS_EXT_FUNC_CODE && block != NULL && block[0] >= 4 && (block[1] & 1) != 0) {
    gif->transparent = block[4];
  }
  while (block != NULL) {
    if (DGifGetExtensionNext(gif->library, &block) != GIF_OK) fail(gif, gif->library->Error);
  }
}

/// Reads up to the header of the first frame.
static void find_frame(struct gif_decoding *gif) {
  for (;;) {
    GifRecordType kind;
    if (DGifGetRecordType(gif->library, &kind) != GIF_OK) fail(gif, gif->library->Error);
    if (kind == IMAGE_DESC_RECORD_TYPE) break;
    if (kind != EXTENSION_RECORD_TYPE) {
      cnn_decoding_fail(&gif->decoding, cnn_decode_corrupt, "it has no frame");
    }
    read_extension(gif);
  }
  if (DGifGetImageDesc(gif->library) != GIF_OK) fail(gif, gif->library->Error);
}

/// Fills `colors` from the frame's palette or the file's.
///
/// As in Pillow, an index that the palette lacks is black; without a palette, and where the palette
/// is nothing but shades of grey in order, an index is a shade of grey.
static void set_colors(struct gif_decoding *gif, const uint8_t *background) {
  const ColorMapObject *local = gif->library->Image.ColorMap;
  const ColorMapObject *palette = local != NULL ? local : gif->library->SColorMap;
  const int count = palette == NULL ? 0 : palette->ColorCount;
  bool is_gray = true;
  for (int index = 0; index < count && index < color_count; index++) {
    const GifColorType *color = &palette->Colors[index];
    uint8_t *shown = gif->colors[index];
    shown[0] = color->Red;
    shown[1] = color->Green;
    shown[2] = color->Blue;
    is_gray = is_gray && shown[0] == index && shown[1] == index && shown[2] == index;
  }
  for (int index = count; is_gray && index < color_count; index++) {
    memset(gif->colors[index], index, 3);
  }
  if (background != NULL && gif->transparent != no_color) {
    memcpy(gif->colors[gif->transparent], background, 3);
  }
}

/// Shows the whole screen as it is where no frame lies.
static void fill_screen(struct gif_decoding *gif) {
  struct cnn_picture *picture = &gif->decoding.picture;
  const uint8_t *color = gif->colors[gif->transparent == no_color ? 0 : gif->transparent];
  const size_t count = (size_t)picture->width * picture->height;
  for (size_t pixel = 0; pixel < count; pixel++) memcpy(picture->pixels + 3 * pixel, color, 3);
}

/// Decodes one row of the frame and writes it to the screen.
static void read_row(struct gif_decoding *gif, int row) {
  struct cnn_picture *picture = &gif->decoding.picture;
  const GifImageDesc *frame = &gif->library->Image;
  if (DGifGetLine(gif->library, gif->row, frame->Width) != GIF_OK) fail(gif, gif->library->Error);
  uint8_t *target =
      picture->pixels + 3 * ((size_t)(frame->Top + row) * picture->width + (size_t)frame->Left);
  for (int column = 0; column < frame->Width; column++) {
    memcpy(target + 3 * column, gif->colors[gif->row[column]], 3);
  }
}

static void read_frame(struct gif_decoding *gif) {
  // First row and step of the passes of an interlaced frame.
  static const int passes[4][2] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
  static const int whole[1][2] = {{0, 1}};
  const GifImageDesc *frame = &gif->library->Image;
  struct cnn_picture *picture = &gif->decoding.picture;
  const int(*order)[2] = frame->Interlace ? passes : whole;
  int done = 0;
  for (int pass = 0; pass < (frame->Interlace ? 4 : 1); pass++) {
    for (int row = order[pass][0]; row < frame->Height; row += order[pass][1]) {
      // Where rows are missing, as many as were decoded count, whatever their order.
      picture->rows = (uint32_t)(frame->Top + done++);
      read_row(gif, row);
    }
  }
}

static void decode(struct gif_decoding *gif, const uint8_t *background) {
  struct cnn_decoding *decoding = &gif->decoding;
  int code = D_GIF_ERR_OPEN_FAILED;
  gif->library = DGifOpen(gif, read_bytes, &code);
  if (gif->library == NULL) fail(gif, code);
  find_frame(gif);
  const GifImageDesc *frame = &gif->library->Image;
  if (frame->Width <= 0 || frame->Height <= 0 || frame->Left < 0 || frame->Top < 0) {
    cnn_decoding_fail(decoding, cnn_decode_corrupt, "its frame has no pixels");
  }
  // A frame that reaches beyond the screen enlarges it, as in Pillow.
  const int right = frame->Left + frame->Width, bottom = frame->Top + frame->Height;
  const int width = right > gif->library->SWidth ? right : gif->library->SWidth;
  const int height = bottom > gif->library->SHeight ? bottom : gif->library->SHeight;
  cnn_decoding_set_size(decoding, (uint64_t)width, (uint64_t)height);
  gif->row = calloc((size_t)frame->Width, sizeof *gif->row);
  if (gif->row == NULL) cnn_decoding_fail(decoding, cnn_decode_out_of_memory, "");
  set_colors(gif, background);
  cnn_decoding_allocate_pixels(decoding, 3);
  fill_screen(gif);
  read_frame(gif);
  // The trailer or another frame, which is not read, follows.
  decoding->finishing = true;
  GifRecordType kind;
  if (DGifGetRecordType(gif->library, &kind) != GIF_OK && !decoding->source_ended) {
    cnn_decoding_warn(decoding, "unknown bytes follow the first frame");
  }
}

struct cnn_picture *cnn_decode_gif(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, const uint8_t *background) {
  struct gif_decoding *gif = calloc(1, sizeof *gif);
  if (gif == NULL) return NULL;
  cnn_decoding_begin(&gif->decoding, bytes, count, maximum_pixels);
  gif->transparent = no_color;
  if (setjmp(gif->decoding.failure) == 0) decode(gif, background);
  if (gif->library != NULL) DGifCloseFile(gif->library, NULL);
  free(gif->row);
  gif->row = NULL;
  cnn_decoding_end(&gif->decoding);
  return &gif->decoding.picture;
}
