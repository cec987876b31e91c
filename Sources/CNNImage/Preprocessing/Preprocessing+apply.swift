public import CNNCore

extension Preprocessing {
  /// The network's input for one picture: `[1, C, H, W]` with `inputChannels` and `inputSize`.
  public func apply(to pixels: Pixels) -> Tensor {
    Tensor(uninitialized: [1, inputChannels, inputSize.height, inputSize.width]) { elements in
      apply(to: pixels, writingTo: elements)
    }
  }

  /// Writes the network's input for one picture into a batch `[N, C, H, W]`.
  ///
  /// - Parameter index: the picture's index in the batch, from 0. Precondition: the batch has it, and
  ///   its shape is `[N, inputChannels, inputSize.height, inputSize.width]`.
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

  /// Writes the network's input for one picture, `[C, H, W]`, to memory of the caller. So several
  /// threads can fill one batch, each a picture of its own.
  ///
  /// - Parameter elements: every element is written. Precondition: there are `C * H * W`.
  package func apply(to pixels: Pixels, writingTo elements: UnsafeMutableBufferPointer<Float>) {
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

  /// One element, with the order of operations and the rounding of torchvision's `ToTensor` and
  /// `Normalize`.
  private func normalised(_ value: Float, _ channel: Int, _ means: [Float]) -> Float {
    (value / divisor - means[channel]) / standardDeviation[channel]
  }

  /// The normalised element for each 8-bit value, 256 for each channel.
  private func tables(mean: [Float]) -> [Float] {
    (0..<channels.count).flatMap { channel in
      (0..<256).map { normalised(Float($0), channel, mean) }
    }
  }

  /// What is subtracted from each channel.
  private func means<Value>(of values: [Value], _ element: (Value) -> Float) -> [Float] {
    switch mean {
    case .perChannel(let means): return means
    case .ofPicture:
      // A black border counts: the mean is that of the whole input.
      let sum = values.reduce(0) { $0 + Double(element($1) / divisor) }
      let count = Double(3 * inputSize.height * inputSize.width)
      return [Float](repeating: Float(sum / count), count: channels.count)
    }
  }

  /// Writes interleaved values of the placed region to planes, with black around them.
  private func write<Value: ExpressibleByIntegerLiteral>(
    _ values: UnsafeBufferPointer<Value>, _ placement: Placement,
    to elements: UnsafeMutableBufferPointer<Float>, _ element: (_ channel: Int, Value) -> Float
  ) {
    let (height, width) = (inputSize.height, inputSize.width)
    let (rows, columns) = (placement.region.rows.count, placement.region.columns.count)
    for channel in 0..<channels.count {
      let plane = UnsafeMutableBufferPointer(
        rebasing: elements[channel * height * width..<(channel + 1) * height * width])
      if rows < height || columns < width { plane.update(repeating: element(channel, 0)) }
      let sourceChannel = channels == .bgr ? 2 - channel : channel
      for row in 0..<rows {
        let output = (placement.top + row) * width + placement.left
        let input = 3 * row * columns + sourceChannel
        for column in 0..<columns {
          plane[output + column] = element(channel, values[input + 3 * column])
        }
      }
    }
  }
}

/// Where the pixels of one picture are in the input: the picture's size after the resize, the region
/// of it that is inside the crop, and the offset of that region in the input.
private struct Placement {
  let resized: Extent
  let region: PixelRegion
  /// Rows of black above the region; 0 unless the resized picture is lower than the crop.
  let top: Int
  /// Columns of black left of the region.
  let left: Int

  init(_ preprocessing: Preprocessing, picture: Extent) {
    switch preprocessing.resize {
    case .squash(let size): resized = size
    case .shortSide(let length):
      // torchvision: the longer side is int(length * long / short).
      resized =
        picture.width <= picture.height
        ? Extent(height: length * picture.height / picture.width, width: length)
        : Extent(height: length, width: length * picture.width / picture.height)
    }
    let crop = preprocessing.centreCrop ?? resized
    let rows = Self.centred(crop.height, in: resized.height)
    let columns = Self.centred(crop.width, in: resized.width)
    region = PixelRegion(rows: rows.range, columns: columns.range)
    (top, left) = (rows.before, columns.before)
  }

  /// The elements of `size` that a centre crop of `length` contains, and how many black ones come
  /// before them. torchvision's `center_crop` rounds halves to even when it cuts and down when it
  /// pads.
  private static func centred(_ length: Int, in size: Int) -> (range: Range<Int>, before: Int) {
    guard size >= length else { return (0..<size, (length - size) / 2) }
    let start = Int((Double(size - length) / 2).rounded(.toNearestOrEven))
    return (start..<start + length, 0)
  }
}
