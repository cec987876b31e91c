internal import CNNCore
internal import CNNKernels
internal import CNNSystem

/// The nonzero elements of a matrix of gradients, for products of its rows with packed inputs.
///
/// Behind ReLU and dropout three quarters of the gradient of a hidden layer's result are zero;
/// products with the zeros are not computed. Rows (outputs) form sets of four, and a list names the
/// columns (pictures) together for which the same rows of the set are not zero: an input that is
/// loaded serves all of these rows. Sets begin at fixed rows and lists hold fixed columns, so every
/// sum has one order, whichever thread computes it. A list covers a chunk of up to 96 columns, whose
/// inputs take 36 KiB: about a level 1 cache.
struct SparseGradient: Sendable {
  /// Columns of a packed block of inputs.
  static let blockWidth = Int(CNN_SPARSE_COLUMNS)
  /// Rows of a set; room for products is a whole number of sets.
  static let setSize = Int(CNN_SPARSE_OUTPUTS)

  /// Whether the rows of the matrix are those of the tensor or its columns.
  enum Orientation { case rows, columns }

  /// Columns of each chunk, in order.
  let chunks: [Range<Int>]
  private let rowCount: Int
  private let bandHeight: Int
  /// For each band of rows and chunk of columns the lists of its sets, one behind the other; room for
  /// `room` words.
  private let lists: Memory
  private let room: Int
  private let kernels: KernelSet

  /// The part of nonzero elements from which on the dense product is faster; measured on AVX-512.
  private static let densest = 0.6

  /// The nonzero elements of `matrix`, or nil where so many are not zero that a dense product is
  /// faster, or where `kernels` are `blas`. Products are computed in bands of `bandHeight` rows, a
  /// whole number of sets.
  init?(
    _ matrix: Tensor, _ orientation: Orientation, bandHeight: Int, kernels: KernelSet, threads: Int
  ) {
    guard kernels != .blas else { return nil }
    self.kernels = kernels
    let isTransposed = orientation == .columns
    let (rows, columns) = (matrix.shape[isTransposed ? 1 : 0], matrix.shape[isTransposed ? 0 : 1])
    let most = Int(CNN_SPARSE_PICTURES)
    let count = (columns + most - 1) / most
    chunks = (0..<count).map { ($0 * columns / count)..<(($0 + 1) * columns / count) }
    (rowCount, self.bandHeight) = (rows, bandHeight)
    let sets = (min(rows, bandHeight) + Self.setSize - 1) / Self.setSize
    room = sets * cnn_most_sparse_words(chunks.map(\.count).max() ?? 0)
    let bands = (rows + bandHeight - 1) / bandHeight
    lists = Memory(
      byteCount: bands * count * room * MemoryLayout<cnn_sparse_word>.stride)
    let found = Workers.map(count: bands * count, threads: threads) { [self] unit in
      matrix.withUnsafeElements { elements in
        let view = cnn_sparse_matrix(
          values: elements.baseAddress, picture_stride: isTransposed ? rows : 1,
          output_stride: isTransposed ? 1 : columns)
        return list(view, band: unit / count, chunk: unit % count)
      }
    }
    guard Double(found.reduce(0, +)) < Self.densest * Double(matrix.count) else { return nil }
  }

  private func list(ofBand band: Int, chunk: Int)
    -> UnsafeMutablePointer<cnn_sparse_word>
  {
    lists.base.assumingMemoryBound(to: cnn_sparse_word.self)
      + (band * chunks.count + chunk) * room
  }

  private func rows(ofBand band: Int) -> Range<Int> {
    (band * bandHeight)..<min(rowCount, (band + 1) * bandHeight)
  }

  /// Writes the lists of one band and chunk; returns the number of nonzero elements.
  private func list(_ matrix: cnn_sparse_matrix, band: Int, chunk: Int) -> Int {
    var end = list(ofBand: band, chunk: chunk)
    var matrix = matrix
    guard let start = matrix.values else { return 0 }
    let columns = chunks[chunk]
    var count = 0
    for first in stride(
      from: rows(ofBand: band).lowerBound, to: rows(ofBand: band).upperBound, by: Self.setSize)
    {
      matrix.values =
        start + columns.lowerBound * matrix.picture_stride + first * matrix.output_stride
      var found = 0
      end += cnn_list_sparse_set(
        matrix, columns.count, min(Self.setSize, rowCount - first), end, &found)
      count += found
    }
    return count
  }

  /// Computes the products of a band with the packed inputs `[columns, 96]` of one chunk and writes
  /// them to `sums` `[rows, 96]`; those of a later chunk than the first are added. Meanwhile
  /// `prefetch` is requested from memory, a part with each chunk.
  func multiply(
    band: Int, chunk: Int, by block: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>, sumsStride: Int, prefetch: Prefetch = Prefetch()
  ) {
    withExtendedLifetime(lists) {
      let prefetch = prefetch.part(chunk, of: chunks.count)
      var product = cnn_sparse_product(
        list: list(ofBand: band, chunk: chunk), output_count: rows(ofBand: band).count,
        block: block, adds: chunk != 0, sums: sums, sums_stride: sumsStride,
        weights: prefetch.weights, moments: prefetch.moments)
      kernels.trainingTable.pointee.add_sparse_products(&product)
    }
  }
}

extension SparseGradient {
  /// Weights and moments that will be changed by what `multiply` computes.
  struct Prefetch {
    var weights = cnn_prefetch()
    var moments = cnn_prefetch()

    /// One of `count` parts of the lines of each row: memory delivers a few at a time.
    fileprivate func part(_ number: Int, of count: Int) -> Prefetch {
      func part(_ all: cnn_prefetch) -> cnn_prefetch {
        let first = Int(all.lines) * number / count
        let end = Int(all.lines) * (number + 1) / count
        let line = 16
        return cnn_prefetch(
          start: all.start.map { $0 + first * line }, stride: all.stride,
          lines: Int32(end - first))
      }
      return Prefetch(weights: part(weights), moments: part(moments))
    }
  }
}

extension UnsafeMutablePointer<Float> {
  /// Copies `count` elements and fills the row up with zeros to `length`.
  func copy(_ source: UnsafePointer<Float>, count: Int, paddedTo length: Int) {
    update(from: source, count: count)
    (self + count).update(repeating: 0, count: length - count)
  }
}
