// Where Winograd's tiles lie, and prefetching of what they read and write.

/// The picture of a tile, and its row and column among the tiles of the picture.
struct winograd_position {
  ptrdiff_t picture, row, column;
};

/// The position of tile number `tile` of the batch.
ALWAYS_INLINE struct winograd_position winograd_position_of(
    const struct cnn_winograd *layer, ptrdiff_t tile) {
  const ptrdiff_t tiles = layer->tile_rows * layer->tile_columns, in_picture = tile % tiles;
  return (struct winograd_position){
      .picture = tile / tiles,
      .row = in_picture / layer->tile_columns,
      .column = in_picture % layer->tile_columns};
}

/// Moves `position` on to the next tile.
ALWAYS_INLINE void winograd_advance(
    const struct cnn_winograd *layer, struct winograd_position *position) {
  if (++position->column < layer->tile_columns) return;
  position->column = 0;
  if (++position->row < layer->tile_rows) return;
  position->row = 0;
  position->picture++;
}

/// Requests pixels [ROWS][COLUMNS] that will be read soon. Processors detect the pattern of one or
/// two rows by themselves, but not that of the four or six rows of a tile.
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

/// The same for pixels that will be written soon: a cache fetches a line before it changes it.
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
