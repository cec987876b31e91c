// Linear layers with a weight that was packed into panels, in 32 or 16 bits; and the packing.

#include "linear_storage.h"

// Outputs of a panel: the vectors of a register tile, so that even for one picture LINEAR_VECTORS
// independent chains of additions hide the latency of a multiply-add.
#define LINEAR_PANEL (LINEAR_VECTORS * LANES)

// MARK: The product

// Inputs whose part of a panel (256 KiB in AVX-512 and 32 bits) stays in the level 2 cache while it
// is multiplied with all pictures; whole grains.
enum { LINEAR_PANEL_BLOCK = 64 * LINEAR_GRAIN };

/// sums[p][v] += the products of the inputs begin ..< end, one chain of additions for each grain.
ALWAYS_INLINE void linear_multiply_panel(
    const enum cnn_storage STORAGE, const int PICTURES, const float *input,
    ptrdiff_t input_stride, const char *panel, ptrdiff_t begin, ptrdiff_t end, float *sums) {
  for (ptrdiff_t grain = begin; grain < end; grain += LINEAR_GRAIN) {
    const ptrdiff_t stop = grain + LINEAR_GRAIN < end ? grain + LINEAR_GRAIN : end;
    vector tile[LINEAR_PICTURES][LINEAR_VECTORS];
    linear_clear_tile(PICTURES, tile);
    NO_UNROLL
    for (ptrdiff_t i = grain; i < stop; i++) {
      vector weights[LINEAR_VECTORS];
      UNROLL
      for (int v = 0; v < LINEAR_VECTORS; v++) {
        weights[v] = linear_load_stored(STORAGE, panel, i * LINEAR_PANEL + v * LANES);
      }
      linear_multiply_tile(PICTURES, input + i, input_stride, weights, tile);
    }
    linear_add_tile(PICTURES, tile, sums, LINEAR_PANEL);
  }
}

/// Computes the outputs of panel `number` for at most LINEAR_BATCH pictures.
ALWAYS_INLINE void linear_packed_panel(
    const enum cnn_storage STORAGE, const struct cnn_linear *layer, ptrdiff_t number,
    ptrdiff_t first_picture, ptrdiff_t pictures) {
  float sums[LINEAR_BATCH * LINEAR_PANEL];
  memset(sums, 0, pictures * LINEAR_PANEL * sizeof(float));
  const ptrdiff_t inputs = layer->inputs;
  const char *panel =
      (const char *)layer->weight + number * inputs * LINEAR_PANEL * linear_storage_size(STORAGE);
  const float *input = layer->input + first_picture * inputs;
  for (ptrdiff_t begin = 0; begin < inputs; begin += LINEAR_PANEL_BLOCK) {
    const ptrdiff_t end =
        begin + LINEAR_PANEL_BLOCK < inputs ? begin + LINEAR_PANEL_BLOCK : inputs;
    ptrdiff_t tile;
    for (ptrdiff_t picture = 0; picture < pictures; picture += tile) {
      tile = linear_tile_pictures(picture, pictures);
      switch (tile) {
#define CASE(pictures)                                                                         \
  case pictures:                                                                               \
    linear_multiply_panel(                                                                     \
        STORAGE, pictures, input + picture * inputs, inputs, panel, begin, end,                \
        sums + picture * LINEAR_PANEL);                                                        \
    break;
        LINEAR_PICTURE_COUNTS(CASE)
#undef CASE
      }
    }
  }
  const ptrdiff_t first = number * LINEAR_PANEL;
  const ptrdiff_t rest = layer->outputs - first;
  const ptrdiff_t outputs = rest < LINEAR_PANEL ? rest : LINEAR_PANEL;
  for (ptrdiff_t picture = 0; picture < pictures; picture++) {
    for (ptrdiff_t output = 0; output < outputs; output++) {
      layer->output[(first_picture + picture) * layer->outputs + first + output] =
          linear_finish(layer, first + output, sums[picture * LINEAR_PANEL + output]);
    }
  }
}

/// Computes the outputs of the panels first ..< last.
static void linear_packed(const struct cnn_linear *layer, ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t panel = first; panel < last; panel++) {
    for (ptrdiff_t picture = 0; picture < layer->pictures; picture += LINEAR_BATCH) {
      const ptrdiff_t pictures = linear_batch(layer, picture);
      switch (layer->storage) {
        case CNN_STORAGE_FLOAT32:
          linear_packed_panel(CNN_STORAGE_FLOAT32, layer, panel, picture, pictures);
          break;
        case CNN_STORAGE_FLOAT16:
          linear_packed_panel(CNN_STORAGE_FLOAT16, layer, panel, picture, pictures);
          break;
        case CNN_STORAGE_BFLOAT16:
          linear_packed_panel(CNN_STORAGE_BFLOAT16, layer, panel, picture, pictures);
          break;
      }
    }
  }
}

// MARK: Packing

/// Stores the weights of one input in a panel, rounded.
ALWAYS_INLINE void linear_store(
    const enum cnn_storage STORAGE, const float *values, char *target) {
  switch (STORAGE) {
    case CNN_STORAGE_FLOAT32:
      memcpy(target, values, LINEAR_PANEL * sizeof(float));
      break;
    case CNN_STORAGE_FLOAT16:
      for (int lane = 0; lane < LINEAR_PANEL; lane++) {
        ((uint16_t *)target)[lane] = linear_to_float16(values[lane]);
      }
      break;
    case CNN_STORAGE_BFLOAT16:
      for (int lane = 0; lane < LINEAR_PANEL; lane++) {
        ((uint16_t *)target)[lane] = linear_to_bfloat16(values[lane]);
      }
      break;
  }
}

// Inputs that are read from each row of a weight [outputs][inputs] at a time: a cache line of 64 bytes.
enum { LINEAR_PACK_INPUTS = 16 };

/// Packs panel `number`.
ALWAYS_INLINE void linear_pack_panel(
    const enum cnn_storage STORAGE, const struct cnn_linear_packing *weight, ptrdiff_t number) {
  const ptrdiff_t inputs = weight->inputs, first = number * LINEAR_PANEL;
  const ptrdiff_t rest = weight->outputs - first;
  const ptrdiff_t outputs = rest < LINEAR_PANEL ? rest : LINEAR_PANEL;
  const char *source = (const char *)weight->source;
  const ptrdiff_t row_size = LINEAR_PANEL * linear_storage_size(STORAGE);
  char *target = (char *)weight->packed + number * inputs * row_size;
  float block[LINEAR_PACK_INPUTS][LINEAR_PANEL];
  memset(block, 0, sizeof block);
  for (ptrdiff_t input = 0; input < inputs; input += LINEAR_PACK_INPUTS) {
    const ptrdiff_t rows =
        inputs - input < LINEAR_PACK_INPUTS ? inputs - input : LINEAR_PACK_INPUTS;
    if (weight->inputs_first) {
      for (ptrdiff_t row = 0; row < rows; row++) {
        const ptrdiff_t index = (input + row) * weight->outputs + first;
        memcpy(block[row], source + index * sizeof(float), outputs * sizeof(float));
      }
    } else {
      for (ptrdiff_t output = 0; output < outputs; output++) {
        float values[LINEAR_PACK_INPUTS];
        const ptrdiff_t index = (first + output) * inputs + input;
        memcpy(values, source + index * sizeof(float), rows * sizeof(float));
        for (ptrdiff_t row = 0; row < rows; row++) block[row][output] = values[row];
      }
    }
    for (ptrdiff_t row = 0; row < rows; row++) {
      linear_store(STORAGE, block[row], target + (input + row) * row_size);
    }
  }
}

/// Packs the panels first ..< last.
static void linear_pack(
    const struct cnn_linear_packing *weight, ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t panel = first; panel < last; panel++) {
    switch (weight->storage) {
      case CNN_STORAGE_FLOAT32:
        linear_pack_panel(CNN_STORAGE_FLOAT32, weight, panel);
        break;
      case CNN_STORAGE_FLOAT16:
        linear_pack_panel(CNN_STORAGE_FLOAT16, weight, panel);
        break;
      case CNN_STORAGE_BFLOAT16:
        linear_pack_panel(CNN_STORAGE_BFLOAT16, weight, panel);
        break;
    }
  }
}
