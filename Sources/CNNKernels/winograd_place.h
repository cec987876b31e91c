// Where Winograd's tiles lie, and asking ahead for what they read and write.

// Where a tile lies among all tiles of a batch.
struct winograd_place {
  ptrdiff_t picture, row, column;
};

ALWAYS_INLINE struct winograd_place winograd_place_of(
    const struct cnn_winograd *layer, ptrdiff_t tile) {
  const ptrdiff_t tiles = layer->tile_rows * layer->tile_columns, in_picture = tile % tiles;
  return (struct winograd_place){
      .picture = tile / tiles,
      .row = in_picture / layer->tile_columns,
      .column = in_picture % layer->tile_columns};
}

ALWAYS_INLINE void winograd_next_place(
    const struct cnn_winograd *layer, struct winograd_place *place) {
  if (++place->column < layer->tile_columns) return;
  place->column = 0;
  if (++place->row < layer->tile_rows) return;
  place->row = 0;
  place->picture++;
}

// Asks for pixels [rows][columns] that are read soon. Processors follow one or two rows by
// themselves; the rows of a tile, which lie far apart, would all be waited for.
ALWAYS_INLINE void winograd_prefetch(
    const int ROWS, const int COLUMNS, const float *pixel, ptrdiff_t row_stride) {
  UNROLL
  for (int y = 0; y < ROWS; y++) {
    UNROLL
    for (int x = 0; x < COLUMNS; x++) {
      __builtin_prefetch(pixel + y * row_stride + x * CNN_BLOCK, 0);
    }
  }
}

// The same for pixels that are written soon: the cache fetches them first.
ALWAYS_INLINE void winograd_prefetch_for_writing(
    const int ROWS, const int COLUMNS, const float *pixel, ptrdiff_t row_stride) {
  UNROLL
  for (int y = 0; y < ROWS; y++) {
    UNROLL
    for (int x = 0; x < COLUMNS; x++) {
      __builtin_prefetch(pixel + y * row_stride + x * CNN_BLOCK, 1);
    }
  }
}
