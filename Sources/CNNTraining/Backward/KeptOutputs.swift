internal import CNNCore
internal import CNNSystem
internal import CNNTrainingKernels

/// Some outputs of a linear layer in front of dropout, and what of them is kept.
///
/// Of five outputs there are 31 patterns of kept ones, and pictures with the same pattern need the
/// same weights: a tile of these outputs and pictures is a dense product, in which every number
/// that is loaded serves several products.
struct KeptOutputs {
  private let outputs: Range<Int>
  private let weight: LinearWeight
  private let count: Int
  /// Outputs of a set.
  private let setSize: Int
  /// The tiles of each set; room for `mostTiles`.
  private let tiles: UnsafeMutablePointer<cnn_training_kept_tile>
  private let mostTiles: Int
  private let tileCounts: [Int]
  /// The sums of each tile.
  private let sums: UnsafeMutablePointer<Float>
  /// The weights of a set, where a stretch ends within a vector.
  private let rows: UnsafeMutablePointer<Float>
  /// Owns what the pointers above point to.
  private let memory: [Memory]

  /// Lists what `dropout` keeps of `outputs` for the pictures `0..<count`.
  init(_ outputs: Range<Int>, of weight: LinearWeight, _ dropout: DropoutMask, pictures count: Int)
  {
    self.outputs = outputs
    self.weight = weight
    self.count = count
    // Few pictures are not cut into many patterns.
    setSize = max(
      2, min(Int(CNN_TRAINING_KEPT_OUTPUTS), count.bitWidth - count.leadingZeroBitCount - 2))
    let sets = (outputs.count + setSize - 1) / setSize
    mostTiles = cnn_training_most_kept_tiles(count)
    let float = MemoryLayout<Float>.stride
    memory = [
      Memory(byteCount: sets * mostTiles * MemoryLayout<cnn_training_kept_tile>.stride),
      Memory(byteCount: sets * mostTiles * Int(CNN_TRAINING_KEPT_SUMS) * float),
      Memory(byteCount: setSize * InputStretches.depth * float),
    ]
    tiles = memory[0].base.assumingMemoryBound(to: cnn_training_kept_tile.self)
    sums = memory[1].base.assumingMemoryBound(to: Float.self)
    rows = memory[2].base.assumingMemoryBound(to: Float.self)
    var patterns = [UInt8](repeating: 0, count: count)
    var order = [Int32](repeating: 0, count: count)
    var tileCounts: [Int] = []
    for set in 0..<sets {
      let first = outputs.lowerBound + set * setSize
      let size = min(setSize, outputs.upperBound - first)
      for picture in 0..<count {
        let index = picture * weight.outputs + first
        patterns[picture] = (0..<size).reduce(0) { pattern, output in
          dropout.keeps(index + output) ? pattern | 1 << UInt8(output) : pattern
        }
      }
      tileCounts.append(
        cnn_training_list_kept_tiles(patterns, count, &order, tiles + set * mostTiles))
    }
    self.tileCounts = tileCounts
  }

  private func sums(ofSet set: Int) -> UnsafeMutablePointer<Float> {
    sums + set * mostTiles * Int(CNN_TRAINING_KEPT_SUMS)
  }

  /// Computes what is kept.
  func multiply(_ input: InputStretches) {
    withExtendedLifetime(memory) { addProducts(input) }
  }

  private func addProducts(_ input: InputStretches) {
    for (set, count) in tileCounts.enumerated() {
      sums(ofSet: set).update(repeating: 0, count: count * Int(CNN_TRAINING_KEPT_SUMS))
    }
    weight.values.withUnsafeElements { weights in
      guard let weights = weights.baseAddress else { return }
      let first = weights + outputs.lowerBound * weight.inputs
      input.forEach { columns, start in
        for set in tileCounts.indices {
          let isLast = set == tileCounts.count - 1
          cnn_training_add_kept_products(
            tiles + set * mostTiles, tileCounts[set],
            factors(first, set, columns, start, input.rowStride), sums(ofSet: set),
            prefetch(
              first, set: isLast ? 0 : set + 1,
              column: isLast ? columns.upperBound : columns.lowerBound),
            setSize)
        }
      }
    }
  }

  private func factors(
    _ weights: UnsafePointer<Float>, _ set: Int, _ columns: Range<Int>,
    _ inputs: UnsafePointer<Float>, _ inputStride: Int
  ) -> cnn_training_kept_factors {
    let lanes = InputStretches.lanes
    var factors = cnn_training_kept_factors(
      weights: weights + set * setSize * weight.inputs + columns.lowerBound,
      weight_stride: weight.inputs, inputs: inputs, input_stride: inputStride,
      depth: (columns.count + lanes - 1) / lanes * lanes)
    guard columns.count % lanes != 0 else { return factors }
    for row in 0..<min(setSize, outputs.count - set * setSize) {
      (rows + row * InputStretches.depth).copy(
        factors.weights + row * weight.inputs, count: columns.count, paddedTo: factors.depth)
    }
    factors.weights = UnsafePointer(rows)
    factors.weight_stride = InputStretches.depth
    return factors
  }

  /// The weights of a set in the stretch that begins at `column`: their way from memory is hidden.
  private func prefetch(
    _ weights: UnsafePointer<Float>, set: Int, column: Int
  ) -> cnn_training_prefetch {
    guard (set + 1) * setSize <= outputs.count, column + InputStretches.depth <= weight.inputs
    else { return cnn_training_prefetch(start: nil, stride: 0, lines: 0) }
    return cnn_training_prefetch(
      start: weights + set * setSize * weight.inputs + column, stride: weight.inputs,
      lines: Int32(InputStretches.depth / InputStretches.lanes))
  }

  /// Writes the sums to their columns of `[N, out]`: with the bias where they are kept, else 0.
  func store(_ bias: Tensor, into result: UnsafeMutableBufferPointer<Float>) {
    withExtendedLifetime(memory) { storeSums(bias, into: result) }
  }

  private func storeSums(_ bias: Tensor, into result: UnsafeMutableBufferPointer<Float>) {
    for picture in 0..<count {
      for output in outputs { result[picture * weight.outputs + output] = 0 }
    }
    bias.withUnsafeElements { bias in
      for (set, tileCount) in tileCounts.enumerated() {
        var sums = sums(ofSet: set)
        for number in 0..<tileCount {
          let first = outputs.lowerBound + set * setSize
          store(tiles[set * mostTiles + number], sums, first: first, bias, into: result)
          sums += Int(CNN_TRAINING_KEPT_SUMS)
        }
      }
    }
  }

  /// The sums of one tile of the set whose first output is `first`.
  private func store(
    _ tile: cnn_training_kept_tile, _ sums: UnsafePointer<Float>, first: Int,
    _ bias: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>
  ) {
    var position = 0
    withUnsafeBytes(of: tile.pictures) { pictures in
      withUnsafeBytes(of: tile.outputs) { outputs in
        for picture in pictures.bindMemory(to: Int32.self)[..<Int(tile.picture_count)] {
          for output in outputs.bindMemory(to: Int32.self)[..<Int(tile.output_count)] {
            let column = first + Int(output)
            result[Int(picture) * weight.outputs + column] = sums[position] + bias[column]
            position += 1
          }
        }
      }
    }
  }
}
