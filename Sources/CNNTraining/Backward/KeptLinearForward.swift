internal import CNNCore
internal import CNNSystem
internal import CNNTrainingKernels

/// A linear layer in front of dropout: results that will be dropped are not computed, they are 0.
///
/// A mask of rate 1/2 saves half of the products. A unit of work is 64 outputs for all pictures;
/// its sums run over stretches of 256 inputs in order, so the bits do not depend on the threads.
struct KeptLinearForward: Sendable {
  private static let depth = Int(CNN_TRAINING_KEPT_DEPTH)
  private static let stretch = Int(CNN_TRAINING_KEPT_PICTURES)
  /// Outputs of a unit: their weights of one stretch, 64 KiB, stay in the level 2 cache.
  private static let height = 64
  /// The smallest part of dropped results that pays; measured.
  private static let smallestRate: Float = 0.35

  private let weight: LinearWeight
  private let dropout: Dropout

  /// The layer, or nil where computing all results is faster.
  init?(_ weight: LinearWeight, _ dropout: Dropout) {
    guard weight.layout == .outputInput, dropout.rate >= Self.smallestRate,
      cnn_training_prefers_kept_products() != 0
    else { return nil }
    self.weight = weight
    self.dropout = dropout
  }

  /// `x W^T + bias` where it is kept, else 0: input `[N, in]`, bias `[out]`, result `[N, out]`.
  func forward(_ input: Tensor, bias: Tensor, threads: Int) -> Tensor {
    let count = input.shape[0]
    let packed = pack(input, threads: threads)
    let units = (weight.outputs + Self.height - 1) / Self.height
    return Tensor(uninitialized: [count, weight.outputs]) { elements in
      // Each unit writes columns of its own.
      nonisolated(unsafe) let result = elements
      Workers.forEachRange(count: units, threads: threads) { range in
        let unit = Unit(
          weight: weight, dropout: dropout, packed: packed, count: count,
          pictures: Self.padded(count, to: Self.stretch))
        for number in range {
          let outputs =
            (number * Self.height)..<min(weight.outputs, (number + 1) * Self.height)
          unit.compute(outputs)
          unit.store(outputs, bias, into: result)
        }
      }
    }
  }

  private static func padded(_ count: Int, to multiple: Int) -> Int {
    (count + multiple - 1) / multiple * multiple
  }

  /// The inputs as `[stretches of 256, N, 256]`, filled up with zeros.
  private func pack(_ input: Tensor, threads: Int) -> Tensor {
    let (count, inputs) = (input.shape[0], input.shape[1])
    let pictures = Self.padded(count, to: Self.stretch)
    let chunks = (inputs + Self.depth - 1) / Self.depth
    return Tensor(uninitialized: [chunks, pictures, Self.depth]) { elements in
      // Each chunk belongs to one thread.
      nonisolated(unsafe) let elements = elements
      Workers.forEach(count: chunks, threads: threads) { chunk in
        input.withUnsafeElements { source in
          guard let source = source.baseAddress, let target = elements.baseAddress else { return }
          let columns = min(Self.depth, inputs - chunk * Self.depth)
          for picture in 0..<pictures {
            let row = target + (chunk * pictures + picture) * Self.depth
            let copied = picture < count ? columns : 0
            if copied > 0 {
              row.update(from: source + picture * inputs + chunk * Self.depth, count: copied)
            }
            (row + copied).update(repeating: 0, count: Self.depth - copied)
          }
        }
      }
    }
  }

  /// The memory of one thread, and what it computes.
  private struct Unit {
    let weight: LinearWeight
    let dropout: Dropout
    let packed: Tensor
    /// Pictures, N, and N rounded up.
    let count: Int
    let pictures: Int
    /// The results, `[64, N]`.
    private let sums: UnsafeMutablePointer<Float>
    /// Weights of one stretch, `[64, 256]`.
    private let rows: UnsafeMutablePointer<Float>
    /// What is kept, for each stretch of 16 pictures and each output, `[N / 16, 64]`.
    private let kept: UnsafeMutablePointer<cnn_training_kept_row>
    /// The same as a bit for each picture.
    private let masks: UnsafeMutablePointer<UInt16>
    private let memory: [Memory]

    init(weight: LinearWeight, dropout: Dropout, packed: Tensor, count: Int, pictures: Int) {
      self.weight = weight
      self.dropout = dropout
      self.packed = packed
      self.count = count
      self.pictures = pictures
      let float = MemoryLayout<Float>.stride
      memory = [
        Memory(byteCount: height * pictures * float), Memory(byteCount: height * depth * float),
        Memory(byteCount: height * pictures / stretch * MemoryLayout<UInt16>.stride),
        Memory(
          byteCount: height * pictures / stretch * MemoryLayout<cnn_training_kept_row>.stride),
      ]
      sums = memory[0].base.assumingMemoryBound(to: Float.self)
      rows = memory[1].base.assumingMemoryBound(to: Float.self)
      masks = memory[2].base.assumingMemoryBound(to: UInt16.self)
      kept = memory[3].base.assumingMemoryBound(to: cnn_training_kept_row.self)
    }

    func compute(_ outputs: Range<Int>) {
      let stretches = pictures / stretch
      writeMasks(outputs)
      sums.update(repeating: 0, count: height * pictures)
      weight.values.withUnsafeElements { weights in
        packed.withUnsafeElements { packed in
          guard let weights = weights.baseAddress, let packed = packed.baseAddress else { return }
          let first = weights + outputs.lowerBound * weight.inputs
          for chunk in 0..<((weight.inputs + depth - 1) / depth) {
            copyRows(
              first + chunk * depth, outputs.count, min(depth, weight.inputs - chunk * depth))
            for number in 0..<stretches {
              cnn_training_add_kept_products(
                rows, kept + number * height, outputs.count,
                packed + (chunk * pictures + number * stretch) * depth,
                sums + number * stretch, pictures,
                prefetch(first, chunk: chunk + 1, part: number, of: stretches))
            }
          }
        }
      }
    }

    /// Part of the next stretch of weights, so that its way from memory is hidden.
    private func prefetch(
      _ weights: UnsafePointer<Float>, chunk: Int, part: Int, of parts: Int
    ) -> cnn_training_prefetch {
      let line = 16
      let lines = (depth / line + parts - 1) / parts
      let offset = chunk * depth + part * lines * line
      guard part * lines < depth / line, offset + lines * line <= weight.inputs else {
        return cnn_training_prefetch(start: nil, stride: 0, lines: 0)
      }
      return cnn_training_prefetch(
        start: weights + offset, stride: weight.inputs, lines: Int32(lines))
    }

    private func copyRows(_ source: UnsafePointer<Float>, _ count: Int, _ columns: Int) {
      for row in 0..<count {
        (rows + row * depth).update(from: source + row * weight.inputs, count: columns)
        (rows + row * depth + columns).update(repeating: 0, count: depth - columns)
      }
    }

    private func writeMasks(_ outputs: Range<Int>) {
      for number in 0..<(pictures / stretch) {
        let first = number * stretch
        for (row, output) in outputs.enumerated() {
          var mask: UInt16 = 0
          for picture in first..<min(count, first + stretch)
          where dropout.keeps(picture * weight.outputs + output) {
            mask |= 1 << UInt16(picture - first)
          }
          masks[number * height + row] = mask
        }
        cnn_training_list_kept(masks + number * height, outputs.count, kept + number * height)
      }
    }

    /// Copies the sums to their columns of `[N, out]` and adds the bias where they are kept.
    func store(
      _ outputs: Range<Int>, _ bias: Tensor, into result: UnsafeMutableBufferPointer<Float>
    ) {
      bias.withUnsafeElements { bias in
        for picture in 0..<count {
          let (number, bit) = picture.quotientAndRemainder(dividingBy: stretch)
          for (row, output) in outputs.enumerated() {
            let isKept = masks[number * height + row] >> UInt16(bit) & 1 == 1
            result[picture * weight.outputs + output] =
              isKept ? sums[row * pictures + picture] + bias[output] : 0
          }
        }
      }
    }
  }
}
