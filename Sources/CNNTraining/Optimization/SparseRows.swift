internal import CNNCore
internal import CNNSystem
internal import CNNTrainingKernels

/// The nonzero elements of a matrix `[N, columns]`, column by column, with the pictures in order.
///
/// ReLU and dropout leave a quarter of the gradient of a hidden layer's result; products with the
/// zeros need not be computed. The pictures are cut into stretches whose inputs fit the level 1
/// cache.
struct SparseRows: Sendable {
  /// Pictures in a stretch: with 96 columns of 4 bytes, 24 KiB.
  static let pictures = 64

  /// Stretches of pictures.
  let stretches: Int
  /// For each column and stretch where its elements begin; `[columns * stretches + 1]`.
  private let starts: [Int32]
  /// Index of each element's picture within its stretch.
  private let indices: [Int32]
  private let values: [Float]

  /// The nonzero elements of `matrix`, or nil where so many are not zero that a dense product is
  /// faster.
  init?(_ matrix: Tensor, threads: Int) {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    let stretches = (rows + Self.pictures - 1) / Self.pictures
    // Blocks of neighbouring columns, so that the matrix is read in the order of memory.
    let width = 64
    let blocks = Workers.map(count: (columns + width - 1) / width, threads: threads) { number in
      Block(
        matrix, columns: (number * width)..<min(columns, (number + 1) * width),
        stretches: stretches)
    }
    let count = blocks.reduce(0) { $0 + $1.values.count }
    guard Double(count) < Self.densest * Double(matrix.count) else { return nil }
    self.stretches = stretches
    var starts: [Int32] = []
    starts.reserveCapacity(columns * stretches + 1)
    var total: Int32 = 0
    for count in blocks.flatMap(\.counts) {
      starts.append(total)
      total += count
    }
    starts.append(total)
    self.starts = starts
    indices = blocks.flatMap(\.indices)
    values = blocks.flatMap(\.values)
  }

  /// The part of nonzero elements at which the dense product becomes faster; measured.
  private static let densest = 0.6

  private struct Block: Sendable {
    /// Elements of each column and stretch.
    var counts: [Int32] = []
    var indices: [Int32] = []
    var values: [Float] = []

    init(_ matrix: Tensor, columns: Range<Int>, stretches: Int) {
      let (rows, width) = (matrix.shape[0], matrix.shape[1])
      matrix.withUnsafeElements { elements in
        for column in columns {
          for stretch in 0..<stretches {
            let first = stretch * SparseRows.pictures
            let before = values.count
            for row in first..<min(rows, first + SparseRows.pictures) {
              let value = elements[row * width + column]
              // NaN is not 0, so it stays.
              guard value != 0 else { continue }
              indices.append(Int32(row - first))
              values.append(value)
            }
            counts.append(Int32(values.count - before))
          }
        }
      }
    }
  }

  /// Weights and moments that will be changed by what `multiply` computes.
  struct Soon {
    var weights = cnn_training_prefetch(start: nil, stride: 0, lines: 0)
    var moments = cnn_training_prefetch(start: nil, stride: 0, lines: 0)

    /// One of `count` parts of the lines of each row: memory delivers a few at a time.
    func part(_ number: Int, of count: Int) -> Soon {
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

  /// Writes to `tile` `[columns.count, 96]` the products of the given columns with a packed block
  /// of inputs `[N, 96]`, and asks for the memory `soon`.
  func multiply(
    columns: Range<Int>, by block: UnsafePointer<Float>,
    into tile: UnsafeMutablePointer<Float>, tileStride: Int, soon: Soon
  ) {
    starts.withUnsafeBufferPointer { starts in
      indices.withUnsafeBufferPointer { indices in
        values.withUnsafeBufferPointer { values in
          guard let starts = starts.baseAddress else { return }
          for stretch in 0..<stretches {
            let rows = cnn_training_sparse_rows(
              starts: starts + columns.lowerBound * stretches + stretch, stride: stretches,
              pictures: indices.baseAddress, values: values.baseAddress)
            let soon = soon.part(stretch, of: stretches)
            cnn_training_multiply_sparse_rows(
              rows, columns.count, block + stretch * Self.pictures * LinearUpdate.blockWidth,
              stretch == 0 ? 0 : 1, tile, tileStride, soon.weights, soon.moments)
          }
        }
      }
    }
  }
}
