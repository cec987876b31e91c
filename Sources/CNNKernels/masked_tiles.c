// The tiles that `add_masked_products` computes.
#include "cnn_kernels.h"

enum { PATTERNS = 1 << CNN_MASKED_OUTPUTS };

// The most pictures of a tile, by its number of outputs: at most 25 sums, which with the weights of
// five outputs and one input take 31 of the 32 registers of AVX-512.
static const int most_pictures[CNN_MASKED_OUTPUTS + 1] = {0, CNN_MASKED_PICTURES, 12, 8, 6, 5};

/// The pictures with one pattern that are in no tile yet. Tiles are of nearly equal size, because one
/// of a single picture has too few independent sums to hide the latency of a multiply-add.
struct remaining {
  const int *pictures;
  /// Pictures of a smaller tile; a larger one has one more.
  int size;
  /// Tiles of the smaller and of the larger size.
  int tiles[2];
};

/// Cuts `count` pictures into tiles of at most `most`.
static struct remaining cut(const int *pictures, ptrdiff_t count, int most) {
  struct remaining result = {pictures, 0, {0, 0}};
  if (count == 0) return result;
  const ptrdiff_t tiles = (count + most - 1) / most;
  result.size = (int)(count / tiles);
  result.tiles[1] = (int)(count % tiles);
  result.tiles[0] = (int)(tiles - result.tiles[1]);
  return result;
}

/// Sorts the pictures by their patterns; those with pattern x begin at order[starts[x]].
static void sort_by_pattern(
    const unsigned char *patterns, ptrdiff_t picture_count, int *order,
    ptrdiff_t starts[PATTERNS + 1]) {
  ptrdiff_t ends[PATTERNS] = {0};
  for (ptrdiff_t picture = 0; picture < picture_count; picture++) ends[patterns[picture]]++;
  starts[0] = 0;
  for (int pattern = 0; pattern < PATTERNS; pattern++) {
    starts[pattern + 1] = starts[pattern] + ends[pattern];
    ends[pattern] = starts[pattern];
  }
  for (ptrdiff_t picture = 0; picture < picture_count; picture++) {
    order[ends[patterns[picture]]++] = (int)picture;
  }
}

/// Makes a tile of the next `size` pictures with a pattern.
static void make_tile(
    struct remaining *remaining, int pattern, int size, struct cnn_masked_tile *tile) {
  tile->output_count = 0;
  for (int bits = pattern; bits; bits &= bits - 1) {
    tile->outputs[tile->output_count++] = __builtin_ctz(bits);
  }
  tile->picture_count = size;
  for (int index = 0; index < size; index++) tile->pictures[index] = *remaining->pictures++;
}

ptrdiff_t cnn_list_masked_tiles(
    const unsigned char *patterns, ptrdiff_t picture_count, int *order,
    struct cnn_masked_tile *tiles) {
  ptrdiff_t starts[PATTERNS + 1], count = 0;
  sort_by_pattern(patterns, picture_count, order, starts);
  struct remaining remaining[PATTERNS];
  for (int pattern = 1; pattern < PATTERNS; pattern++) {
    remaining[pattern] = cut(
        order + starts[pattern], starts[pattern + 1] - starts[pattern],
        most_pictures[__builtin_popcount(pattern)]);
  }
  // Tiles of equal size follow each other: they take the same branch, which the processor predicts.
  for (int outputs = 1; outputs <= CNN_MASKED_OUTPUTS; outputs++) {
    for (int size = 1; size <= most_pictures[outputs]; size++) {
      for (int pattern = 1; pattern < PATTERNS; pattern++) {
        const int larger = size - remaining[pattern].size;
        if (__builtin_popcount(pattern) != outputs || larger < 0 || larger > 1) continue;
        for (int tile = 0; tile < remaining[pattern].tiles[larger]; tile++) {
          make_tile(&remaining[pattern], pattern, size, tiles + count++);
        }
      }
    }
  }
  return count;
}

ptrdiff_t cnn_most_masked_tiles(ptrdiff_t picture_count) {
  // Each pattern may have one tile that is not full.
  return PATTERNS + picture_count / most_pictures[CNN_MASKED_OUTPUTS];
}
