import CNNCore
import CNNImage
import CNNSystem
import Foundation
import Testing

@testable import CNNTraining

@Suite struct AugmentationTests {
  private static let preprocessing = Preprocessing.presets.first { $0.key == "torchvision" }?.value

  /// A picture without any symmetry.
  private func picture(width: Int = 37, height: Int = 29) throws -> Pixels {
    let bytes = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 * $0 / 7 + $0 * 31) }
    return try Pixels(width: width, height: height, rgb: bytes)
  }

  /// Short side 12, crop 8: small and with every step.
  private func smallPreprocessing() throws -> Preprocessing {
    try Preprocessing(
      resize: .shortSide(12), resampling: .antialiasedBilinear, centreCrop: 8, channels: .bgr,
      divisor: 255, mean: .perChannel([0.4, 0.5, 0.6]), standardDeviation: [0.2, 0.3, 0.4])
  }

  private func input(
    _ augmentation: Augmentation, _ pixels: Pixels, seed: UInt64 = 1, variant: Int, picture: Int
  ) throws -> Tensor {
    augmentation.input(
      for: pixels, preprocessing: try smallPreprocessing(), seed: seed, variant: variant,
      picture: picture)
  }

  @Test func variantZeroIsWhatValidationSees() throws {
    let pixels = try picture()
    let all = try Augmentation(flipsHorizontally: true, shortSide: 9...20, colorShift: 0.1)
    let plain = try smallPreprocessing().apply(to: pixels)
    for index in 0..<20 {
      #expect(try input(all, pixels, variant: 0, picture: index) == plain)
      #expect(try input(.none, pixels, variant: 3, picture: index) == plain)
    }
    #expect(try input(all, pixels, variant: 1, picture: 0) != plain)
  }

  /// A pure function: the same again, and another for another seed, variant or picture.
  @Test func numbersDependOnWhatTheyAreFor() throws {
    let pixels = try picture()
    let all = try Augmentation(flipsHorizontally: true, shortSide: 9...20, colorShift: 0.1)
    let first = try input(all, pixels, variant: 1, picture: 5)
    #expect(try input(all, pixels, variant: 1, picture: 5) == first)
    #expect(try input(all, pixels, variant: 2, picture: 5) != first)
    #expect(try input(all, pixels, variant: 1, picture: 6) != first)
    #expect(try input(all, pixels, seed: 2, variant: 1, picture: 5) != first)
    // Switching one change on does not disturb another.
    let draws = (0..<50).map { all.draw(seed: 1, variant: 2, picture: $0).isFlipped }
    let flip = try Augmentation(flipsHorizontally: true)
    #expect(draws == (0..<50).map { flip.draw(seed: 1, variant: 2, picture: $0).isFlipped })
  }

  /// Of each pair of variants one is mirrored, by chance the first or the second: half of what is
  /// cached, and half of each epoch.
  @Test func halfOfThePicturesAreMirrored() throws {
    let flip = try Augmentation(flipsHorizontally: true)
    func isFlipped(_ variant: Int, _ picture: Int) -> Bool {
      flip.draw(seed: 7, variant: variant, picture: picture).isFlipped
    }
    for picture in 0..<50 {
      #expect(!isFlipped(0, picture) && isFlipped(1, picture))
      for pair in 1..<5 {
        #expect(isFlipped(2 * pair, picture) != isFlipped(2 * pair + 1, picture))
      }
    }
    for variant in 2...3 {
      let flips = (0..<4000).count { isFlipped(variant, $0) }
      // Four standard deviations of a fair coin thrown 4000 times: 4 * 31.6.
      #expect(abs(flips - 2000) < 127)
    }
    let pixels = try picture()
    let expected = try smallPreprocessing().apply(to: pixels.oriented(.upMirrored))
    #expect(try input(flip, pixels, variant: 1, picture: 0) == expected)
  }

  /// The crop out of the resized picture, made in two steps instead of one.
  @Test(arguments: [(37, 29), (29, 37), (8, 8), (5, 90)])
  func cropsAreCutOutOfTheResizedPicture(width: Int, height: Int) throws {
    let pixels = try picture(width: width, height: height)
    let augmentation = try Augmentation(shortSide: 9...20)
    let preprocessing = try smallPreprocessing()
    for index in 0..<20 {
      let draw = augmentation.draw(seed: 3, variant: 1, picture: index)
      let short = try #require(draw.shortSide)
      let size =
        width <= height
        ? Extent(height: short * height / width, width: short)
        : Extent(height: short, width: short * width / height)
      let resized = pixels.resized(to: size)
      let (top, left) = (
        Int(draw.top * Double(size.height - 7)), Int(draw.left * Double(size.width - 7))
      )
      let bytes = (0..<8).flatMap { row in
        (0..<8).flatMap { column in
          let color = resized[top + row, left + column]
          return [color.red, color.green, color.blue]
        }
      }
      let changed = augmentation.pixels(
        of: pixels, preprocessing: preprocessing, seed: 3, variant: 1, picture: index)
      #expect(changed.bytes == bytes)
      // The numbers are those of the preprocessing without its geometry: BGR, mean, deviation.
      let tensor = try input(augmentation, pixels, seed: 3, variant: 1, picture: index)
      #expect(tensor.shape == [1, 3, 8, 8])
      #expect(tensor.elements[0] == (Float(bytes[2]) / 255 - 0.4) / 0.2)
      #expect(tensor.elements[191] == (Float(bytes[189]) / 255 - 0.6) / 0.4)
    }
  }

  @Test func everyScaleAndPlaceIsDrawn() throws {
    let augmentation = try Augmentation(shortSide: 9...20)
    let draws = (0..<2000).map { augmentation.draw(seed: 3, variant: 1, picture: $0) }
    #expect(Set(draws.map(\.shortSide)) == Set(9...20))
    for place in [draws.map(\.top), draws.map(\.left)] {
      #expect(place.allSatisfy { $0 >= 0 && $0 < 1 })
      // The mean of 2000 uniform numbers lies within four of its standard deviations, 0.0065.
      #expect(abs(place.reduce(0, +) / 2000 - 0.5) < 0.026)
    }
  }

  /// The covariance of the shifts is that of the formula: V diag((0.1 * factor)^2) V^T.
  @Test func coloursShiftAlongTheirPrincipalComponents() throws {
    let augmentation = try Augmentation(colorShift: 0.1)
    let count = 20_000
    let shifts = (0..<count).map {
      augmentation.draw(seed: 3, variant: 1, picture: $0).colorShift.map { $0 / 25.5 }
    }
    let vectors = [
      [-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203],
    ]
    let factors = [0.2175, 0.0188, 0.0045]
    for row in 0..<3 {
      for column in 0..<3 {
        let expected = (0..<3).reduce(0.0) {
          $0 + vectors[row][$1] * vectors[column][$1] * factors[$1] * factors[$1]
        }
        let found = shifts.reduce(0) { $0 + $1[row] * $1[column] } / Double(count)
        // A variance from n normal numbers has a relative deviation of sqrt(2 / n) = 1 %.
        #expect(abs(found - expected) < 0.04 * 0.0161)
      }
    }
    let pixels = try Pixels(width: 2, height: 1, rgb: [0, 100, 255, 3, 4, 5])
    #expect(pixels.shifted(by: [-2.6, 0.4, 9]).bytes == [0, 100, 255, 0, 4, 14])
  }

  @Test func valuesAreCheckedAndStored() throws {
    let all = try Augmentation(flipsHorizontally: true, shortSide: 256...512, colorShift: 0.1)
    let json = try JSONEncoder().encode(all)
    #expect(try JSONDecoder().decode(Augmentation.self, from: json) == all)
    #expect(all.description == "flip, crop from short side 256 to 512, colour shift 0.1")
    #expect(throws: CNNError.self) { try Augmentation(colorShift: .infinity) }
    #expect(throws: CNNError.self) { try Augmentation(shortSide: 0...5) }
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(
        Augmentation.self,
        from: Data(#"{"flipsHorizontally":true,"shortSide":[9,2],"colorShift":0}"#.utf8))
    }
    let preprocessing = try #require(Self.preprocessing)
    try all.check(for: preprocessing)
    #expect(throws: CNNError.self) {
      try Augmentation(shortSide: 200...300).check(for: preprocessing)
    }
  }
}
