import CNNImage
import CNNSystem
import Testing

@Suite struct PixelsTests {
  @Test func fromOtherLayouts() throws {
    let rgb = try Pixels(width: 2, height: 1, rgb: [1, 2, 3, 4, 5, 6])
    #expect(rgb[0, 1] == RGBColor(red: 4, green: 5, blue: 6))
    let gray = try Pixels(width: 1, height: 2, gray: [7, 8])
    #expect(gray.bytes == [7, 7, 7, 8, 8, 8])
    let rgba = try Pixels(width: 3, height: 1, rgba: [9, 9, 9, 0, 10, 20, 30, 255, 100, 0, 0, 51])
    // Clear, opaque, and a fifth: 100 / 5 + 255 * 4 / 5 = 224, 255 * 4 / 5 = 204.
    #expect(rgba.bytes == [255, 255, 255, 10, 20, 30, 224, 204, 204])
  }

  @Test func sizesAreChecked() {
    for (width, height, count) in [
      (2, 2, 11), (0, 0, 0), (-1, -1, 3), (65_536, 1, 196_608), (1, 2, 3),
    ] {
      let error = #expect(throws: CNNError.self) {
        try Pixels(width: width, height: height, rgb: [UInt8](repeating: 0, count: count))
      }
      #expect(error?.code == .invalidShape)
    }
  }
}
