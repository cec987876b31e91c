import CNNCore
import CNNImage
import CNNTestSupport
import Foundation
import Testing

@Suite struct ResizingTests {
  struct Resized: Decodable {
    let resampling: Resampling
    let width: Int
    let height: Int
    let isFloat: Bool
    let values: Data

    var size: Extent { Extent(height: height, width: width) }
    var floats: [Float] {
      values.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
    }
  }

  struct Results: Decodable {
    let width: Int
    let height: Int
    let rgb: Data
    let cases: [Resized]
  }

  /// Rounded results are equal to the bit, and so is TensorFlow's formula, whose Float32 operations
  /// are the same in the same order.
  @Test(arguments: ["pillow", "opencv", "tensorflow"])
  func sameAsOtherLibraries(library: String) throws {
    let results = try Fixture("resizing-\(library).json").decode(Results.self)
    let source = try Pixels(
      width: results.width, height: results.height, rgb: [UInt8](results.rgb))
    for expected in results.cases {
      let name = "\(expected.resampling.rawValue) to \(expected.size)"
      if expected.isFloat {
        let resized = source.resizedToFloat(expected.size, expected.resampling)
        // OpenCV may fuse a multiplication with the addition that follows: 2 roundings of 2^-24,
        // twice, of values up to 255.
        let isOpenCV = expected.resampling == .floatBilinear
        expectClose(resized.values, expected.floats, absolute: isOpenCV ? 6.1e-5 : 0, name)
      } else {
        let resized = source.resized(to: expected.size, expected.resampling)
        expectEqual(
          resized,
          try Pixels(width: expected.width, height: expected.height, rgb: [UInt8](expected.values)),
          name)
      }
    }
    #expect(results.cases.count == ["pillow": 29, "opencv": 16, "tensorflow": 8][library])
  }

  /// A crop is the same pixels as in the whole resized picture, also where rows are resized last.
  @Test(arguments: Resampling.allCases) func cropsAreComputedAlone(resampling: Resampling) throws {
    let picture = try formulaPicture(width: 40, height: 61)
    for size in [Extent(height: 90, width: 70), Extent(height: 13, width: 39)] {
      let whole = picture.resized(to: size, resampling)
      let crop = picture.resized(
        to: size, resampling, crop: Extent(height: 7, width: 9), top: 5, left: 11)
      for row in 0..<7 {
        for column in 0..<9 {
          #expect(crop[row, column] == whole[row + 5, column + 11], "\(resampling) to \(size)")
        }
      }
    }
  }

  @Test(arguments: Resampling.allCases) func theSameSizeIsTheSamePicture(resampling: Resampling)
    throws
  {
    let picture = try formulaPicture(width: 13, height: 7)
    #expect(picture.resized(to: picture.size, resampling) == picture)
  }

  /// A white picture stays white: rounded weights must not carry over 255 and wrap to black.
  @Test(arguments: Resampling.allCases) func whiteStaysWhite(resampling: Resampling) throws {
    let white = try Pixels(width: 37, height: 1, gray: [UInt8](repeating: 255, count: 37))
    for width in 1...60 {
      let resized = white.resized(to: Extent(height: 3, width: width), resampling)
      #expect(resized.bytes.allSatisfy { $0 == 255 }, "\(resampling) to \(width)")
    }
  }
}
