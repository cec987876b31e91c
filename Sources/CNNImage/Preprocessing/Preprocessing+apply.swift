public import CNNCore

extension Preprocessing {
  /// What the network gets for one picture: `[1, C, H, W]` with `inputChannels` and `inputSize`.
  public func apply(to pixels: Pixels) -> Tensor {
    Tensor(uninitialized: [1, inputChannels, inputSize.height, inputSize.width]) { elements in
      apply(to: pixels, writingTo: elements)
    }
  }

  /// Writes what the network gets into a batch `[N, C, H, W]`.
  ///
  /// - Parameter index: which picture of the batch, from 0. Precondition: the batch has it, and the
  ///   shape is this preprocessing's.
  public func apply(to pixels: Pixels, writingPicture index: Int, of batch: inout Tensor) {
    let shape = [inputChannels, inputSize.height, inputSize.width]
    precondition(batch.shape.dropFirst() == shape[...], "the batch needs [N, C, H, W] of \(shape)")
    precondition((0..<batch.shape[0]).contains(index), "no picture \(index) in this batch")
    let count = Tensor.elementCount(of: shape)
    batch.withUnsafeMutableElements { elements in
      apply(
        to: pixels,
        writingTo: UnsafeMutableBufferPointer(
          rebasing: elements[index * count..<(index + 1) * count]))
    }
  }

  /// Writes what the network gets, `[C, H, W]`, to memory of the caller: several threads can fill
  /// one batch, each a part of its own.
  ///
  /// - Parameter elements: every element is written. Precondition: there are `C * H * W`.
  public func apply(to pixels: Pixels, writingTo elements: UnsafeMutableBufferPointer<Float>) {
    precondition(
      elements.count == inputChannels * inputSize.height * inputSize.width,
      "the memory has to take \(inputChannels) x \(inputSize)")
    let stretched = stretchesContrast ? pixels.contrastStretched : pixels
    let toned = channels.isGray ? stretched.gray : stretched
    let placement = Placement(self, picture: pixels.size)
    switch toned.resampled(to: placement.resized, resampling, region: placement.region) {
    case .eightBit(let pixels):
      let tables = tables(mean: means(of: pixels.bytes) { Float($0) })
      pixels.bytes.withUnsafeBufferPointer { values in
        write(values, placement, to: elements) { channel, value in
          tables[256 * channel + Int(value)]
        }
      }
    case .float(let pixels):
      let means = means(of: pixels.values) { $0 }
      pixels.values.withUnsafeBufferPointer { values in
        write(values, placement, to: elements) { channel, value in
          normalised(value, channel, means)
        }
      }
    }
  }

  /// One number, the order of operations and the rounding of torchvision's `ToTensor` and
  /// `Normalize`.
  private func normalised(_ value: Float, _ channel: Int, _ means: [Float]) -> Float {
    (value / divisor - means[channel]) / standardDeviation[channel]
  }

  /// The normalised number of each 8-bit value, 256 a channel.
  private func tables(mean: [Float]) -> [Float] {
    (0..<channels.count).flatMap { channel in
      (0..<256).map { normalised(Float($0), channel, mean) }
    }
  }

  /// What is subtracted from each channel.
  private func means<Value>(of values: [Value], _ number: (Value) -> Float) -> [Float] {
    switch mean {
    case .perChannel(let means): return means
    case .ofPicture:
      // Black around the picture counts, as it does for whoever takes the mean of the whole input.
      let sum = values.reduce(0) { $0 + Double(number($1) / divisor) }
      let count = Double(3 * inputSize.height * inputSize.width)
      return [Float](repeating: Float(sum / count), count: channels.count)
    }
  }

  /// Interleaved values of the placed region to planes, black around them.
  private func write<Value: ExpressibleByIntegerLiteral>(
    _ values: UnsafeBufferPointer<Value>, _ placement: Placement,
    to elements: UnsafeMutableBufferPointer<Float>, _ number: (_ channel: Int, Value) -> Float
  ) {
    let (height, width) = (inputSize.height, inputSize.width)
    let (rows, columns) = (placement.region.rows.count, placement.region.columns.count)
    for channel in 0..<channels.count {
      let plane = UnsafeMutableBufferPointer(
        rebasing: elements[channel * height * width..<(channel + 1) * height * width])
      if rows < height || columns < width { plane.update(repeating: number(channel, 0)) }
      let sourceChannel = channels == .bgr ? 2 - channel : channel
      for row in 0..<rows {
        let output = (placement.top + row) * width + placement.left
        let input = 3 * row * columns + sourceChannel
        for column in 0..<columns {
          plane[output + column] = number(channel, values[input + 3 * column])
        }
      }
    }
  }
}
