extension Pixels {
  /// The darkest value of all channels becomes 0 and the brightest 255: SciPy's `bytescale` of a
  /// picture in Float32.
  var contrastStretched: Pixels {
    guard let darkest = bytes.min(), let brightest = bytes.max() else { return self }
    // A picture of one value becomes black there too.
    let scale = Float(255 / Double(max(1, brightest - darkest)))
    let table = (0...255).map { value in
      UInt8(max(0, min(255, (Float(value) - Float(darkest)) * scale)) + 0.5)
    }
    return Pixels(uncheckedWidth: width, height: height, bytes: bytes.map { table[Int($0)] })
  }

  /// The luma of each pixel in all three channels, in the fixed point of Pillow's `convert("L")`
  /// (ITU-R BT.601).
  var gray: Pixels {
    Pixels(uncheckedWidth: width, height: height) { target in
      bytes.withUnsafeBufferPointer { source in
        for start in stride(from: 0, to: source.count, by: 3) {
          let luma =
            (19_595 * Int(source[start]) + 38_470 * Int(source[start + 1])
              + 7_471 * Int(source[start + 2]) + 0x8000) >> 16
          for channel in 0..<3 { target[start + channel] = UInt8(luma) }
        }
      }
    }
  }
}
