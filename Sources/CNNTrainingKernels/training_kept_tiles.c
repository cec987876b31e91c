#include "cnn_training_kernels.h"

enum { PATTERNS = 1 << CNN_TRAINING_KEPT_OUTPUTS };

// The most pictures of a tile, by its outputs: their sums leave registers for the factors.
static const int most_pictures[CNN_TRAINING_KEPT_OUTPUTS + 1] = {
    0, CNN_TRAINING_KEPT_PICTURES, 12, 8, 6, 5};

// The pictures with one pattern, cut into tiles of like size: one of a single picture would wait
// for its own sums.
typedef struct {
  const int *pictures;
  // Pictures of the smaller tiles, and how many tiles are of that size and of one more.
  int size;
  int tiles[2];
} pattern_tiles;

static pattern_tiles cut(const int *pictures, long count, int most) {
  pattern_tiles result = {pictures, 0, {0, 0}};
  if (count == 0) return result;
  const long tiles = (count + most - 1) / most;
  result.size = (int)(count / tiles);
  result.tiles[1] = (int)(count % tiles);
  result.tiles[0] = (int)(tiles - result.tiles[1]);
  return result;
}

// Sorts the pictures by their patterns; those of pattern x begin at order[starts[x]].
static void sort(
    const unsigned char *patterns, long picture_count, int *order, long starts[PATTERNS + 1]) {
  long places[PATTERNS] = {0};
  for (long picture = 0; picture < picture_count; picture++) places[patterns[picture]]++;
  starts[0] = 0;
  for (int pattern = 0; pattern < PATTERNS; pattern++) {
    starts[pattern + 1] = starts[pattern] + places[pattern];
    places[pattern] = starts[pattern];
  }
  for (long picture = 0; picture < picture_count; picture++) {
    order[places[patterns[picture]]++] = (int)picture;
  }
}

// Makes the tile of the next `size` pictures with a pattern.
static void take(pattern_tiles *left, int pattern, int size, cnn_training_kept_tile *tile) {
  tile->output_count = 0;
  for (int bits = pattern; bits; bits &= bits - 1) {
    tile->outputs[tile->output_count++] = __builtin_ctz(bits);
  }
  tile->picture_count = size;
  for (int position = 0; position < size; position++) {
    tile->pictures[position] = *left->pictures++;
  }
}

long cnn_training_list_kept_tiles(
    const unsigned char *patterns, long picture_count, int *order, cnn_training_kept_tile *tiles) {
  long starts[PATTERNS + 1], count = 0;
  sort(patterns, picture_count, order, starts);
  pattern_tiles left[PATTERNS];
  for (int pattern = 1; pattern < PATTERNS; pattern++) {
    left[pattern] = cut(
        order + starts[pattern], starts[pattern + 1] - starts[pattern],
        most_pictures[__builtin_popcount(pattern)]);
  }
  // Tiles of equal size take the same way through the code, which the processor then foresees.
  for (int outputs = 1; outputs <= CNN_TRAINING_KEPT_OUTPUTS; outputs++) {
    for (int size = 1; size <= most_pictures[outputs]; size++) {
      for (int pattern = 1; pattern < PATTERNS; pattern++) {
        const int larger = size - left[pattern].size;
        if (__builtin_popcount(pattern) != outputs || larger < 0 || larger > 1) continue;
        for (int tile = 0; tile < left[pattern].tiles[larger]; tile++) {
          take(&left[pattern], pattern, size, tiles + count++);
        }
      }
    }
  }
  return count;
}

long cnn_training_most_kept_tiles(long picture_count) {
  // Every pattern may have one tile that is not full.
  return PATTERNS + picture_count / most_pictures[CNN_TRAINING_KEPT_OUTPUTS];
}
