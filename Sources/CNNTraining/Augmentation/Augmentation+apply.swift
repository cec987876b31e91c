public import CNNCore
public import CNNImage
internal import CNNSystem

extension Augmentation {
  /// What the network gets for one variant of one picture: `[1, C, H, W]`.
  ///
  /// - Parameters:
  ///   - preprocessing: that of the weights. Its resize and crop are replaced where this
  ///     augmentation crops; its resampling, channels, means and scales always hold.
  ///   - variant: 0 is the picture unchanged; otherwise the epoch or the cached variant, from 1.
  ///   - picture: the picture's position in its data set.
  public func input(
    for pixels: Pixels, preprocessing: Preprocessing, seed: UInt64, variant: Int, picture: Int
  ) -> Tensor {
    let size = preprocessing.inputSize
    let shape = [1, preprocessing.inputChannels, size.height, size.width]
    return Tensor(uninitialized: shape) { elements in
      writeInput(
        for: pixels, preprocessing: preprocessing, seed: seed, variant: variant, picture: picture,
        to: elements)
    }
  }

  /// Writes the same, `[C, H, W]`, to memory of the caller.
  ///
  /// - Parameter elements: every element is written. Precondition: there are `C * H * W`.
  public func writeInput(
    for pixels: Pixels, preprocessing: Preprocessing, seed: UInt64, variant: Int, picture: Int,
    to elements: UnsafeMutableBufferPointer<Float>
  ) {
    let draw = draw(seed: seed, variant: variant, picture: picture)
    let changed = apply(draw, to: pixels, inputSize: preprocessing.inputSize, preprocessing)
    let isCropped = draw.shortSide != nil
    (isCropped ? preprocessing.withoutGeometry : preprocessing)
      .apply(to: changed, writingTo: elements)
  }

  /// The changed pixels, to be shown to people.
  public func pixels(
    of pixels: Pixels, preprocessing: Preprocessing, seed: UInt64, variant: Int, picture: Int
  ) -> Pixels {
    apply(
      draw(seed: seed, variant: variant, picture: picture), to: pixels,
      inputSize: preprocessing.inputSize, preprocessing)
  }

  func apply(
    _ draw: Draw, to pixels: Pixels, inputSize: Extent, _ preprocessing: Preprocessing
  ) -> Pixels {
    var changed = pixels
    if let length = draw.shortSide {
      let size = Self.size(of: pixels.size, shortSide: length)
      // What `check(for:)` refuses is made to fit here.
      let grown = Extent(
        height: max(size.height, inputSize.height), width: max(size.width, inputSize.width))
      changed = pixels.resized(
        to: grown, preprocessing.resampling, crop: inputSize,
        top: Int(draw.top * Double(grown.height - inputSize.height + 1)),
        left: Int(draw.left * Double(grown.width - inputSize.width + 1)))
    }
    if draw.isFlipped { changed = changed.oriented(.upMirrored) }
    return draw.colorShift.allSatisfy { $0 == 0 } ? changed : changed.shifted(by: draw.colorShift)
  }

  /// The size after a rescale, as torchvision's `Resize` has it: the longer side is rounded down.
  private static func size(of picture: Extent, shortSide length: Int) -> Extent {
    picture.width <= picture.height
      ? Extent(height: length * picture.height / picture.width, width: length)
      : Extent(height: length, width: length * picture.width / picture.height)
  }
}

extension Pixels {
  /// The picture with an amount added to each channel, rounded and clipped to 0...255.
  func shifted(by shift: [Double]) -> Pixels {
    let tables = shift.map { amount in
      (0..<256).map { UInt8(max(0, min(255, (Double($0) + amount).rounded()))) }
    }
    return mapped { channel, value in tables[channel][Int(value)] }
  }
}
