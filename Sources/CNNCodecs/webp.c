#include "libraries.h"

#include <stdlib.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "decoding.h"

struct webp_decoding {
  /// First, so that a pointer to it is a pointer to this.
  struct cnn_decoding decoding;
  WebPDemuxer *demuxer;
  WebPIterator frame;
  WebPDecoderConfig config;
  bool keeps_alpha;
};

static _Noreturn void fail(struct webp_decoding *webp, VP8StatusCode code) {
  switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY:
      cnn_decoding_fail(&webp->decoding, cnn_decode_out_of_memory, "");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      cnn_decoding_fail(
          &webp->decoding, cnn_decode_unsupported, "it uses a feature that the library lacks");
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      cnn_decoding_fail(
          &webp->decoding, cnn_decode_corrupt, "its pixel data end before the picture");
    default:
      cnn_decoding_fail(&webp->decoding, cnn_decode_corrupt, "its pixel data are wrong");
  }
}

/// Finds the canvas and the first frame.
static void open_file(struct webp_decoding *webp) {
  struct cnn_decoding *decoding = &webp->decoding;
  const WebPData data = {.bytes = decoding->bytes, .size = decoding->count};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  webp->demuxer = WebPDemuxPartial(&data, &state);
  decoding->source_ended = state == WEBP_DEMUX_PARSING_HEADER || state == WEBP_DEMUX_PARSED_HEADER;
  if (webp->demuxer == NULL || state == WEBP_DEMUX_PARSING_HEADER) {
    cnn_decoding_fail(decoding, cnn_decode_corrupt, "its chunks are wrong");
  }
  cnn_decoding_set_size(
      decoding, WebPDemuxGetI(webp->demuxer, WEBP_FF_CANVAS_WIDTH),
      WebPDemuxGetI(webp->demuxer, WEBP_FF_CANVAS_HEIGHT));
  if (!WebPDemuxGetFrame(webp->demuxer, 1, &webp->frame)) {
    cnn_decoding_fail(decoding, cnn_decode_corrupt, "it has no frame");
  }
}

/// Has the library write the frame into its part of the canvas. The canvas around a smaller frame
/// stays transparent, or black in a file without transparency.
static void set_output(struct webp_decoding *webp, bool composites) {
  struct cnn_decoding *decoding = &webp->decoding;
  const struct cnn_picture *picture = &decoding->picture;
  const WebPIterator *frame = &webp->frame;
  WebPBitstreamFeatures file;
  webp->keeps_alpha = composites &&
                      WebPGetFeatures(decoding->bytes, decoding->count, &file) == VP8_STATUS_OK &&
                      file.has_alpha;
  if (!WebPInitDecoderConfig(&webp->config)) {
    cnn_decoding_fail(decoding, cnn_decode_unsupported, "the library has another version");
  }
  VP8StatusCode code = WebPGetFeatures(
      frame->fragment.bytes, frame->fragment.size, &webp->config.input);
  if (code != VP8_STATUS_OK) fail(webp, code);
  const uint64_t left = (uint64_t)frame->x_offset, top = (uint64_t)frame->y_offset;
  if (frame->x_offset < 0 || frame->y_offset < 0 ||
      left + (uint64_t)webp->config.input.width > picture->width ||
      top + (uint64_t)webp->config.input.height > picture->height) {
    cnn_decoding_fail(decoding, cnn_decode_corrupt, "its frame does not fit the canvas");
  }
  const size_t channels = webp->keeps_alpha ? 4 : 3, stride = channels * picture->width;
  cnn_decoding_allocate_pixels(decoding, channels);
  const size_t start = stride * top + channels * left;
  WebPDecBuffer *output = &webp->config.output;
  output->colorspace = webp->keeps_alpha ? MODE_RGBA : MODE_RGB;
  output->is_external_memory = 1;
  output->u.RGBA.rgba = picture->pixels + start;
  output->u.RGBA.stride = (int)stride;
  output->u.RGBA.size = stride * picture->height - start;
}

/// Decodes a frame of which only the first bytes are there, as far as they go.
static void decode_partly(struct webp_decoding *webp) {
  struct cnn_picture *picture = &webp->decoding.picture;
  WebPIDecoder *decoder = WebPIDecode(NULL, 0, &webp->config);
  if (decoder == NULL) cnn_decoding_fail(&webp->decoding, cnn_decode_out_of_memory, "");
  const VP8StatusCode code =
      WebPIUpdate(decoder, webp->frame.fragment.bytes, webp->frame.fragment.size);
  int rows = 0;
  WebPIDecGetRGB(decoder, &rows, NULL, NULL, NULL);
  WebPIDelete(decoder);
  picture->rows = rows > 0 ? (uint32_t)(webp->frame.y_offset + rows) : 0;
  if (code != VP8_STATUS_OK && code != VP8_STATUS_SUSPENDED) fail(webp, code);
  if (code == VP8_STATUS_SUSPENDED) picture->status = cnn_decode_truncated;
}

static void decode(struct webp_decoding *webp, bool composites) {
  open_file(webp);
  set_output(webp, composites);
  if (webp->frame.complete) {
    const VP8StatusCode code = WebPDecode(
        webp->frame.fragment.bytes, webp->frame.fragment.size, &webp->config);
    // The frame is whole, so what is wrong in it is damage even where the file ends after it.
    if (code != VP8_STATUS_OK) {
      webp->decoding.source_ended = false;
      fail(webp, code);
    }
  } else {
    decode_partly(webp);
  }
}

struct cnn_picture *cnn_decode_webp(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, const uint8_t *background) {
  struct webp_decoding *webp = calloc(1, sizeof *webp);
  if (webp == NULL) return NULL;
  cnn_decoding_begin(&webp->decoding, bytes, count, maximum_pixels);
  if (setjmp(webp->decoding.failure) == 0) decode(webp, background != NULL);
  WebPFreeDecBuffer(&webp->config.output);
  WebPDemuxReleaseIterator(&webp->frame);
  WebPDemuxDelete(webp->demuxer);
  cnn_decoding_end(&webp->decoding);
  struct cnn_picture *picture = &webp->decoding.picture;
  if (picture->pixels != NULL && webp->keeps_alpha) {
    cnn_composite(
        picture->pixels, picture->pixels, (size_t)picture->width * picture->height, background);
  }
  return picture;
}
