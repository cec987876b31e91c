// Which results of a convolution a kernel tap contributes to, in one direction of a map.

/// Results first ..< last; empty where first >= last.
struct result_range {
  ptrdiff_t first, last;
};

/// The results among first ..< last whose input under a tap lies inside a map of `size` pixels.
/// `offset` is the input under the tap for result 0, `stride` the distance to that of the next one.
ALWAYS_INLINE struct result_range results_inside(
    ptrdiff_t offset, ptrdiff_t stride, ptrdiff_t size, ptrdiff_t first, ptrdiff_t last) {
  const ptrdiff_t begin = offset < 0 ? (-offset + stride - 1) / stride : 0;
  const ptrdiff_t end = offset < size ? (size - 1 - offset) / stride + 1 : 0;
  return (struct result_range){begin > first ? begin : first, end < last ? end : last};
}
