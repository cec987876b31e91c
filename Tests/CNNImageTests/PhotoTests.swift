import CNNCore
import CNNImage
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// Real photographs through Pillow and torchvision, by checksums.
@Suite(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence))) struct PhotoTests {
  struct Tensor: Decodable {
    let crc32: UInt32
    let indices: [Int]
    let values: [Float]
  }

  struct Photo: Decodable {
    let width: Int
    let height: Int
    let resizedCRC32: UInt32
    let bicubicCRC32: UInt32
    let draftCRC32: [Int: UInt32]
    let tensor: Tensor
  }

  /// Decoding, short side 256 (bilinear and bicubic) and the normalised tensor are Pillow's and
  /// torchvision's, bit for bit.
  @Test func sameBitsAsPillowAndTorchvision() throws {
    let photos = try Fixture("photos.json").decode([String: Photo].self)
    #expect(photos.count == 50)
    // None of the 50 is turned, and Pillow would not turn them.
    let decoder = PictureDecoder(options: DecodingOptions(appliesOrientation: false))
    for (name, expected) in photos.sorted(by: { $0.key < $1.key }) {
      let file = TestData.file("imagenet-photos/\(name)").path
      let picture = try decoder.decode(FilePath(file))
      #expect(picture.warnings == [], "\(name)")
      let size = Extent(height: expected.height, width: expected.width)
      let resized = picture.pixels.resized(to: size)
      #expect(resized.bytes.withUnsafeBytes { crc32($0) } == expected.resizedCRC32, "\(name)")
      let bicubic = picture.pixels.resized(to: size, .antialiasedBicubic)
      #expect(bicubic.bytes.withUnsafeBytes { crc32($0) } == expected.bicubicCRC32, "\(name)")
      let elements = Preprocessing.torchvision.apply(to: picture.pixels).elements
      expectClose(
        expected.tensor.indices.map { elements[$0] }, expected.tensor.values, "\(name)")
      #expect(elements.withUnsafeBytes { crc32($0) } == expected.tensor.crc32, "\(name)")
    }
  }

  /// The decoder's own scaling is that of Pillow's `draft`, bit for bit.
  @Test func sameBitsAsPillowsDraft() throws {
    let photos = try Fixture("photos.json").decode([String: Photo].self)
    for (name, expected) in photos {
      let file = FilePath(TestData.file("imagenet-photos/\(name)").path)
      let header = try PictureHeader(of: file)
      #expect(expected.draftCRC32.count == 3)
      for (scale, checksum) in expected.draftCRC32 {
        let side = min(header.width, header.height) / scale
        let decoder = PictureDecoder(
          options: DecodingOptions(appliesOrientation: false, scaledSide: side))
        let pixels = try decoder.decode(file).pixels
        #expect(pixels.width == (header.width + scale - 1) / scale)
        #expect(pixels.bytes.withUnsafeBytes { crc32($0) } == checksum, "\(name) at 1/\(scale)")
      }
    }
  }
}
