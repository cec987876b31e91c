/// The buffers of a plan and where each lies in one block of memory; buffers that are never needed
/// at the same time share their place. All sizes are for one picture: a batch multiplies them.
struct MemoryPlan: Sendable {
  /// Numbers that one picture needs.
  let size: Int
  /// Where each buffer begins, in numbers.
  let offsets: [Int]

  /// A buffer, and the steps between which it holds something.
  struct Buffer: Sendable {
    /// Numbers for one picture.
    let size: Int
    /// The first step that writes it.
    var first: Int
    /// The last step that reads it.
    var last: Int

    fileprivate func isAlive(with other: Buffer) -> Bool {
      first <= other.last && other.first <= last
    }
  }

  /// Places `buffers`: the largest first, each at the lowest place that is free all the time.
  init(_ buffers: [Buffer]) {
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    for index in buffers.indices.sorted(by: { buffers[$0].size > buffers[$1].size }) {
      let neighbours = placed.filter { buffers[$0].isAlive(with: buffers[index]) }
      var offset = 0
      for other in neighbours.sorted(by: { offsets[$0] < offsets[$1] }) {
        if offset + buffers[index].size <= offsets[other] { break }
        offset = max(offset, offsets[other] + buffers[other].size)
      }
      offsets[index] = offset
      placed.append(index)
    }
    self.offsets = offsets
    size = buffers.indices.map { offsets[$0] + buffers[$0].size }.max() ?? 0
  }
}
