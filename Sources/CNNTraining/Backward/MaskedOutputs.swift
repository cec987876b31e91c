internal import CNNCore
internal import CNNKernels
internal import CNNSystem

/// Some outputs of a linear layer in front of dropout, computed for the pictures that need them.
///
/// Of the five outputs of a set a picture needs one of 31 patterns, and pictures with the same
/// pattern need the same weights: a tile of these outputs and pictures is a dense product, in which
/// every element that is loaded serves several products.
struct MaskedOutputs {
  private let outputs: Range<Int>
  private let weight: LinearWeight
  private let count: Int
  private let kernels: KernelSet
  /// Outputs of a set.
  private let setSize: Int
  /// The tiles of each set; room for `mostTiles`.
  private let tiles: UnsafeMutablePointer<cnn_masked_tile>
  private let mostTiles: Int
  private let tileCounts: [Int]
  /// The sums of each tile.
  private let sums: UnsafeMutablePointer<Float>
  /// A copy of the weights of a set, for the last chunk where it ends within a vector.
  private let rows: UnsafeMutablePointer<Float>
  /// Owns what the pointers above point to.
  private let memory: [Memory]

  /// Lists which of `outputs` the pictures `0..<count` need: those that `dropout` does not drop.
  init(
    _ outputs: Range<Int>, of weight: LinearWeight, _ dropout: DropoutMask, pictures count: Int,
    kernels: KernelSet
  ) {
    self.outputs = outputs
    self.weight = weight
    self.count = count
    self.kernels = kernels
    // A set of s outputs has 2^s patterns: few pictures are not spread over many, but sets have at
    // least two outputs.
    setSize = max(
      2, min(Int(CNN_MASKED_OUTPUTS), count.bitWidth - count.leadingZeroBitCount - 2))
    let sets = (outputs.count + setSize - 1) / setSize
    mostTiles = cnn_most_masked_tiles(count)
    let float = MemoryLayout<Float>.stride
    memory = [
      Memory(byteCount: sets * mostTiles * MemoryLayout<cnn_masked_tile>.stride),
      Memory(byteCount: sets * mostTiles * Int(CNN_MASKED_SUMS) * float),
      Memory(byteCount: setSize * InputChunks.depth * float),
    ]
    tiles = memory[0].base.assumingMemoryBound(to: cnn_masked_tile.self)
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
        cnn_list_masked_tiles(patterns, count, &order, tiles + set * mostTiles))
    }
    self.tileCounts = tileCounts
  }

  private func sums(ofSet set: Int) -> UnsafeMutablePointer<Float> {
    sums + set * mostTiles * Int(CNN_MASKED_SUMS)
  }

  /// Computes what is needed.
  func multiply(_ input: InputChunks) {
    withExtendedLifetime(memory) { addProducts(input) }
  }

  private func addProducts(_ input: InputChunks) {
    for (set, count) in tileCounts.enumerated() {
      sums(ofSet: set).update(repeating: 0, count: count * Int(CNN_MASKED_SUMS))
    }
    let multiply = kernels.trainingTable.pointee.add_masked_products
    weight.values.withUnsafeElements { weights in
      guard let weights = weights.baseAddress, let multiply else { return }
      let first = weights + outputs.lowerBound * weight.inputs
      input.forEach { columns, start in
        for set in tileCounts.indices {
          let isLast = set == tileCounts.count - 1
          var product = maskedProduct(first, set, columns, start, input.rowStride)
          product.next = prefetch(
            first, set: isLast ? 0 : set + 1,
            column: isLast ? columns.upperBound : columns.lowerBound)
          product.next_rows = setSize
          multiply(&product)
        }
      }
    }
  }

  /// The product of a set's weights in `columns` with the inputs of a chunk, which begin at `inputs`.
  private func maskedProduct(
    _ weights: UnsafePointer<Float>, _ set: Int, _ columns: Range<Int>,
    _ inputs: UnsafePointer<Float>, _ inputStride: Int
  ) -> cnn_masked_product {
    let lanes = InputChunks.lanes
    let depth = (columns.count + lanes - 1) / lanes * lanes
    let start = weights + set * setSize * weight.inputs + columns.lowerBound
    var product = cnn_masked_product(
      tiles: tiles + set * mostTiles, tile_count: tileCounts[set], weights: start,
      weight_stride: weight.inputs, inputs: inputs, input_stride: inputStride, depth: depth,
      sums: sums(ofSet: set), next: cnn_prefetch(), next_rows: 0)
    guard columns.count % lanes != 0 else { return product }
    for row in 0..<min(setSize, outputs.count - set * setSize) {
      (rows + row * InputChunks.depth).copy(
        start + row * weight.inputs, count: columns.count, paddedTo: depth)
    }
    product.weights = UnsafePointer(rows)
    product.weight_stride = InputChunks.depth
    return product
  }

  /// The weights of a set in the chunk that begins at `column`: they are requested from memory while
  /// other products are computed.
  private func prefetch(
    _ weights: UnsafePointer<Float>, set: Int, column: Int
  ) -> cnn_prefetch {
    guard (set + 1) * setSize <= outputs.count, column + InputChunks.depth <= weight.inputs
    else { return cnn_prefetch() }
    return cnn_prefetch(
      start: weights + set * setSize * weight.inputs + column, stride: weight.inputs,
      lines: Int32(InputChunks.depth / InputChunks.lanes))
  }

  /// Writes the sums to their columns of `[N, out]`: with the bias where they are needed, else 0.
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
          sums += Int(CNN_MASKED_SUMS)
        }
      }
    }
  }

  /// The sums of one tile of the set whose first output is `first`.
  private func store(
    _ tile: cnn_masked_tile, _ sums: UnsafePointer<Float>, first: Int,
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
