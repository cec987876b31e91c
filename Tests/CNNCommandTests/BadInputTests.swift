import CNNTestSupport
import Foundation
import Testing

/// Bad input of every kind: one clear line that names the file, the right exit status, no crash.
@Suite struct BadInputTests {
  let folder: TemporaryFolder
  let picture = TestData.packageFolder.appendingPathComponent("Examples/sample.png").path

  init() throws { folder = try TemporaryFolder() }

  /// Runs `cnn predict` on one bad picture and expects one line with `words`.
  private func refuse(
    picture path: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let start = ContinuousClock.now
    let run = try CommandRun(["predict"] + PredictCommandTests.model + [path])
    #expect(run.status == 1, sourceLocation: sourceLocation)
    // The first line is the warning about random weights.
    #expect(run.errorLines.count == 2, "\(run.errors)", sourceLocation: sourceLocation)
    let line = run.errorLines.last ?? ""
    #expect(line.hasPrefix("cnn: error: \(path): "), "\(line)", sourceLocation: sourceLocation)
    for word in words { #expect(line.contains(word), "\(line)", sourceLocation: sourceLocation) }
    #expect(ContinuousClock.now - start < .seconds(5), sourceLocation: sourceLocation)
  }

  @Test func picturesThatAreNone() throws {
    try refuse(picture: folder.file("missing.jpg"), "there is no such file")
    try refuse(picture: try folder.writeFile([], to: "empty.jpg"), "empty")
    try refuse(picture: try folder.writeFile("hello".utf8, to: "text.jpg"), "text")
    try refuse(
      picture: try folder.writeFile(Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0], to: "a.gif"),
      "GIF")
    try refuse(
      picture: try folder.writeFile(
        Array("RIFF".utf8) + [9, 0, 0, 0] + Array("WEBPVP8 ".utf8), to: "a.webp"), "WebP")
    try refuse(
      picture: try folder.writeFile(
        [0, 0, 0, 24] + Array("ftypheic".utf8) + [UInt8](repeating: 0, count: 16), to: "a.heic"),
      "HEIC")
    let empty = folder.url.appendingPathComponent("none")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    try refuse(picture: empty.path, "no pictures")
    let pipe = folder.file("fifo")
    #expect(mkfifo(pipe, 0o600) == 0)
    try refuse(picture: pipe, "FIFO")
  }

  @Test func damagedPictures() throws {
    let png = try Data(contentsOf: URL(fileURLWithPath: picture))
    try refuse(picture: try folder.writeFile(png.prefix(png.count / 2), to: "cut.png"), "PNG")
    // 60,000 by 60,000 pixels, with the header's checksum made right again.
    var huge = png
    huge.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
    let checksum = Self.crc32(huge[12..<29])
    huge.replaceSubrange(29..<33, with: withUnsafeBytes(of: checksum.bigEndian, Array.init))
    try refuse(picture: try folder.writeFile(huge, to: "huge.png"), "pixels")
  }

  /// CRC-32 of ISO 3309, bit by bit.
  private static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0 as UInt32) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { bits, _ in
        bits & 1 == 1 ? bits >> 1 ^ 0xEDB8_8320 : bits >> 1
      }
    }
  }

  @Test(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
  func cutPhotos() throws {
    let photo = try Data(
      contentsOf: TestData.file("imagenet-photos/n02391049_zebra.JPEG"))
    let cut = try folder.writeFile(photo.prefix(photo.count / 2), to: "cut.jpg")
    try refuse(picture: cut, "%")
    let run = try CommandRun(
      ["predict"] + PredictCommandTests.model + ["--allow-truncated", "--json", cut])
    #expect(run.status == 0)
    #expect(run.output.contains("\"warnings\":[\""))
  }

  @Test func weightsThatAreNone() throws {
    let header = Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }) + [1, 0]
    let attack = Array("cposix\nsystem\n(S'touch /tmp/cnn-was-here'\ntR.".utf8)
    let object = "{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    let padded = object + String(repeating: " ", count: 117 - object.count) + "\n"
    let overlap = #"""
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}
      """#
    let cases: [(file: String, bytes: [UInt8], words: [String])] = [
      ("empty.npz", [], ["empty"]),
      ("cut.npz", [0x50, 0x4B, 3, 4, 20, 0, 0, 0], ["zip"]),
      ("attack.npy", header + [118, 0] + Array(padded.utf8) + attack, ["posix.system"]),
      (
        "overlap.safetensors",
        withUnsafeBytes(of: UInt64(overlap.utf8.count).littleEndian) { Array($0) }
          + Array(overlap.utf8) + [UInt8](repeating: 0, count: 12), ["tensor b"]
      ),
      ("page.npz", Array("<!DOCTYPE html><html></html>".utf8), ["web page"]),
      (
        "pointer.npz", Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8),
        ["git"]
      ),
    ]
    for (file, bytes, words) in cases {
      let path = try folder.writeFile(bytes, to: file)
      let run = try CommandRun(["predict", "--model", "lenet5", "--weights", path, picture])
      #expect(run.status == 3, "\(file): \(run.errors)")
      #expect(run.errorLines.count == 1, "\(run.errors)")
      #expect(run.errors.hasPrefix("cnn: error: \(path): "), "\(run.errors)")
      for word in words { #expect(run.errors.contains(word), "\(run.errors)") }
      #expect(run.output.isEmpty)
    }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/cnn-was-here"))
  }

  @Test(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
  func weightsOfAnotherNetworkNameTheRightOne() throws {
    let path = TestData.file("weights/resnet18_imagenet_torchvision_names.npz").path
    let run = try CommandRun(["predict", "--model", "vgg16", "--weights", path, picture])
    #expect(run.status == 3)
    #expect(run.errors.contains("They are weights of resnet18"))
    let mnist = TestData.file("weights/mnist_cnn_zip.pth").path
    var bytes = try Data(contentsOf: URL(fileURLWithPath: mnist))
    // Inside the first convolution's numbers.
    bytes[1500] ^= 1
    let flipped = try folder.writeFile(bytes, to: "flipped.pth")
    let damaged = try CommandRun(["predict", "--model", "lenet5", "--weights", flipped, picture])
    #expect(damaged.status == 3, "\(damaged.errors)")
    #expect(damaged.errors.contains(flipped) && damaged.errorLines.count == 1)
  }

  @Test func whatCannotBeWrittenEndsWithFive() throws {
    let features = ["features"] + PredictCommandTests.model + ["--layer", "logits", picture]
    for output in [folder.file("no/such/folder.npz"), "/proc/cnn.npz", "/dev/null"] {
      let run = try CommandRun(features + ["--output", output])
      #expect(run.status == 5)
      #expect(run.errors.contains("cnn: error: \(output): "))
    }
    let full = try CommandRun(
      shell: "exec \"$1\" summary --model vgg16 > \"$0\"", ["/dev/full"])
    #expect(full.status == 5 && full.errors.contains("standard output"))
    let limited = try CommandRun(
      shell: "ulimit -f 1; exec \"$1\" features --model lenet5 --random-weights 1 --layer pool1 "
        + "\(picture) \(picture) \(picture) --output \"$0\"", [folder.file("limited.npz")])
    #expect(limited.status == 5, "\(limited.errors)")
    let layer = try CommandRun(
      ["features"] + PredictCommandTests.model
        + ["--layer", "fc9", picture, "--output", folder.file("x.npz")])
    #expect(layer.status == 2)
    #expect(layer.errors.contains("fc1"))
    // Nothing is left behind by all of these.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }
}
