import CNNSystem
import CNNTestSupport
import Foundation
import Testing

@testable import CNNTraining

@Suite struct DataCheckTests {
  /// One picture of each kind that is found.
  private func zoo() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (picture, name) in [
      ("ycbcr-420.jpg", "cat.0.jpg"), ("rgb8.png", "cat.1.png"), ("cmyk-adobe.jpg", "cat.2.jpg"),
      ("rgb16.png", "cat.3.png"), ("orientation-6.jpg", "cat.4.jpg"),
      ("ycbcr-420.jpg", "cat.5.jpg"),
      ("ycbcr-420.jpg", "dog.0.jpg"), ("gray.jpg", "dog.1.png"),
    ] {
      try folder.copyPicture(picture, to: name)
    }
    let whole = try Data(contentsOf: folder.url.appendingPathComponent("cat.0.jpg"))
    try folder.write(whole.prefix(whole.count * 2 / 3), to: "dog.2.jpg")
    try folder.write([], to: "dog.3.jpg")
    // TIFF, which is not read here.
    try folder.write("II*\u{0}\u{8}\u{0}\u{0}\u{0}".utf8, to: "dog.4.jpg")
    var damaged = try [UInt8](Data(contentsOf: folder.url.appendingPathComponent("cat.1.png")))
    damaged[damaged.count / 2] ^= 0xFF
    try folder.write(damaged, to: "dog.5.png")
    return folder
  }

  @Test func everyKindIsFound() throws {
    let folder = try zoo()
    let set = try DataSource(at: folder.path).training
    let check = DataCheck(of: set, threads: 2)
    let found = check.findings.map { finding in
      "\(finding.picture.split(separator: "/").last ?? "") \(finding.kind.rawValue)"
    }
    #expect(
      found == [
        "cat.2.jpg CMYK", "cat.3.png 16-bit", "cat.4.jpg rotated", "cat.5.jpg duplicate",
        "dog.0.jpg contradiction", "dog.1.png wrongly named", "dog.2.jpg truncated",
        "dog.3.jpg empty", "dog.4.jpg unsupported", "dog.5.png corrupt",
      ])
    #expect(check.count == 12 && check.usable == 8)
    #expect(check.classes.map(\.pictures) == [6, 6])
    #expect(check.classes.map(\.usable) == [6, 2])
    #expect(check.imbalance == 3)
    #expect(check.leavingOutBad(of: set).countsByClass == [6, 2])
    // The numbers do not depend on threads, and survive JSON.
    #expect(DataCheck(of: set, threads: 1) == check)
    let json = try JSONEncoder().encode(check)
    #expect(try JSONDecoder().decode(DataCheck.self, from: json) == check)
  }

  /// Headers show everything but damage among the pixels.
  @Test func headersAreEnoughForMost() throws {
    let folder = try zoo()
    let set = try DataSource(at: folder.path).training
    let bad = DataCheck(of: set, depth: .headers).bad.map(\.kind)
    #expect(bad == [.empty, .unsupported])
  }

  @Test func progressReachesTheEnd() throws {
    let picture = LabelledPicture(
      .pixels(try .init(width: 1, height: 1, gray: [0]), name: "x"), classIndex: 0)
    let set = DataSet(classNames: ["a"], pictures: Array(repeating: picture, count: 600))
    var steps: [Int] = []
    let check = DataCheck(of: set, progress: { steps.append($0) })
    #expect(steps == [256, 256, 88])
    #expect(check.findings.count { $0.kind == .duplicate } == 599)
  }
}
