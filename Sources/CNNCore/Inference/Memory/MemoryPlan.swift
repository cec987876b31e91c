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

  /// Places `buffers`: the largest first, each where one of the same size was, whose parts the same
  /// threads wrote, or else at the lowest place that is free all the time.
  init(_ buffers: [Buffer]) {
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    for index in buffers.indices.sorted(by: { buffers[$0].size > buffers[$1].size }) {
      let size = buffers[index].size
      let neighbours = placed.filter { buffers[$0].isAlive(with: buffers[index]) }
        .map { offsets[$0]..<(offsets[$0] + buffers[$0].size) }
      let twin = placed.last { twin in
        let place = offsets[twin]..<(offsets[twin] + size)
        return buffers[twin].size == size && !neighbours.contains { $0.overlaps(place) }
      }
      offsets[index] = twin.map { offsets[$0] } ?? Self.lowestPlace(size, beside: neighbours)
      placed.append(index)
    }
    self.offsets = offsets
    size = buffers.indices.map { offsets[$0] + buffers[$0].size }.max() ?? 0
  }

  private static func lowestPlace(_ size: Int, beside neighbours: [Range<Int>]) -> Int {
    var offset = 0
    for other in neighbours.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if offset + size <= other.lowerBound { break }
      offset = max(offset, other.upperBound)
    }
    return offset
  }
}
