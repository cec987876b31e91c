internal import CNNCore
internal import CNNSystem
internal import CNNTrainingKernels

/// The nonzero elements of a matrix of gradients, for products of its rows with packed inputs.
///
/// ReLU and dropout leave a quarter of the gradient of a hidden layer's result; products with the
/// zeros need not be computed. Rows (outputs) are taken in sets of four, and the columns (pictures)
/// for which the same of them are not zero stand together in a list: an input that is loaded serves
/// all of these rows. Sets begin at fixed rows and lists hold fixed columns, so that a sum has the
/// same order whoever computes it. The columns are cut into stretches whose inputs fit the level 1
/// cache, about.
struct SparseRows: Sendable {
  /// Rows of a set; room for products is a whole number of sets.
  static let setSize = Int(CNN_TRAINING_SPARSE_OUTPUTS)

  /// Whether the rows of the matrix are those of the tensor or its columns.
  enum Orientation { case rows, columns }

  /// Columns of each stretch, in order.
  let stretches: [Range<Int>]
  private let rowCount: Int
  private let bandHeight: Int
  /// For each band and stretch the lists of its sets, one behind the other; room for `room` words.
  private let lists: Memory
  private let room: Int

  /// The part of nonzero elements at which the dense product becomes faster; measured.
  private static let densest = 0.6

  /// The nonzero elements of `matrix`, or nil where so many are not zero that a dense product is
  /// faster. Products are computed in bands of `bandHeight` rows, a whole number of sets.
  init?(_ matrix: Tensor, _ orientation: Orientation, bandHeight: Int, threads: Int) {
    let isTransposed = orientation == .columns
    let (rows, columns) = (matrix.shape[isTransposed ? 1 : 0], matrix.shape[isTransposed ? 0 : 1])
    let most = Int(CNN_TRAINING_SPARSE_PICTURES)
    let count = (columns + most - 1) / most
    stretches = (0..<count).map { ($0 * columns / count)..<(($0 + 1) * columns / count) }
    (rowCount, self.bandHeight) = (rows, bandHeight)
    let sets = (min(rows, bandHeight) + Self.setSize - 1) / Self.setSize
    room = sets * cnn_training_most_sparse_words(stretches.map(\.count).max() ?? 0)
    let bands = (rows + bandHeight - 1) / bandHeight
    lists = Memory(
      byteCount: bands * count * room * MemoryLayout<cnn_training_sparse_word>.stride)
    let found = Workers.map(count: bands * count, threads: threads) { [self] unit in
      matrix.withUnsafeElements { elements in
        let view = cnn_training_sparse_matrix(
          values: elements.baseAddress, picture_stride: isTransposed ? rows : 1,
          output_stride: isTransposed ? 1 : columns)
        return list(view, band: unit / count, stretch: unit % count)
      }
    }
    guard Double(found.reduce(0, +)) < Self.densest * Double(matrix.count) else { return nil }
  }

  private func list(ofBand band: Int, stretch: Int)
    -> UnsafeMutablePointer<cnn_training_sparse_word>
  {
    lists.base.assumingMemoryBound(to: cnn_training_sparse_word.self)
      + (band * stretches.count + stretch) * room
  }

  private func rows(ofBand band: Int) -> Range<Int> {
    (band * bandHeight)..<min(rowCount, (band + 1) * bandHeight)
  }

  /// Writes the lists of one band and stretch; returns the number of nonzero elements.
  private func list(_ matrix: cnn_training_sparse_matrix, band: Int, stretch: Int) -> Int {
    var place = list(ofBand: band, stretch: stretch)
    var matrix = matrix
    guard let start = matrix.values else { return 0 }
    let columns = stretches[stretch]
    var count = 0
    for first in stride(
      from: rows(ofBand: band).lowerBound, to: rows(ofBand: band).upperBound, by: Self.setSize)
    {
      matrix.values =
        start + columns.lowerBound * matrix.picture_stride + first * matrix.output_stride
      var found = 0
      place += cnn_training_list_sparse_set(
        matrix, Int32(columns.count), Int32(min(Self.setSize, rowCount - first)), place, &found)
      count += found
    }
    return count
  }

  /// Computes the products of a band with the packed inputs `[columns, 96]` of one stretch and
  /// writes them to `tile` `[rows, 96]`, or adds them behind the first stretch; meanwhile asks for
  /// the memory `soon`.
  func multiply(
    band: Int, stretch: Int, by block: UnsafePointer<Float>,
    into tile: UnsafeMutablePointer<Float>, tileStride: Int, soon: Soon
  ) {
    withExtendedLifetime(lists) {
      let soon = soon.part(stretch, of: stretches.count)
      cnn_training_multiply_sparse_sets(
        list(ofBand: band, stretch: stretch), rows(ofBand: band).count, block,
        stretch == 0 ? 0 : 1, tile, tileStride, soon.weights, soon.moments)
    }
  }
}

extension SparseRows {
  /// Weights and moments that will be changed by what `multiply` computes.
  struct Soon {
    var weights = cnn_training_prefetch(start: nil, stride: 0, lines: 0)
    var moments = cnn_training_prefetch(start: nil, stride: 0, lines: 0)

    /// One of `count` parts of the lines of each row: memory delivers a few at a time.
    fileprivate func part(_ number: Int, of count: Int) -> Soon {
      func part(_ all: cnn_training_prefetch) -> cnn_training_prefetch {
        let first = Int(all.lines) * number / count
        let end = Int(all.lines) * (number + 1) / count
        let line = 16
        return cnn_training_prefetch(
          start: all.start.map { $0 + first * line }, stride: all.stride,
          lines: Int32(end - first))
      }
      return Soon(weights: part(weights), moments: part(moments))
    }
  }
}
