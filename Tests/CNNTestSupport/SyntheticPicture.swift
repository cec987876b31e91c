/// Pictures that a small network learns to tell apart in a few steps.
public enum SyntheticPicture {
  /// Width and height.
  public static let side = 28

  /// Grey pixels, row after row: noise, which makes every picture another one, and brighter in the
  /// upright stripe that tells the class.
  ///
  /// - Parameters:
  ///   - classIndex: below `classCount`, the number of stripes.
  ///   - number: of the picture in its class, below 1000.
  public static func gray(classIndex: Int, of classCount: Int, number: Int) -> [UInt8] {
    let noise = SyntheticNumbers.uniform(
      count: side * side, stream: classIndex * 1000 + number)
    return noise.enumerated().map { index, value in
      let isBright = (index % side) * classCount / side == classIndex
      return UInt8(isBright ? 140 + 90 * value : 110 + 90 * value)
    }
  }
}
