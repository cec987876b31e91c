import CNNSystem
import Foundation
import Testing

@Suite struct CNNErrorTests {
  private let error = CNNError(
    .picture, .truncated, "the JPEG ends too early", subject: "cat.jpg", at: .byte(4711),
    found: "38 % of the rows", expected: "all",
    remedy: CNNError.Remedy("Fetch the file again", action: .allowTruncated), details: ["row 12"])
  private let text = """
    cat.jpg: the JPEG ends too early (at byte 4711): found 38 % of the rows, expected all. \
    Fetch the file again
      row 12
    """

  @Test func descriptionSaysEverything() {
    #expect("\(error)" == text)
    #expect("\(error.code)" == "truncated")
  }

  /// What a program shows that knows nothing of this package.
  @Test func localizedDescriptionIsTheDescription() {
    let unknown: any Error = error
    #expect(unknown.localizedDescription == text)
  }

  @Test func errorsAreCodable() throws {
    let locations: [CNNError.Location?] = [
      .byte(12), .line(3), .tensor("fc6_W"), .node("pool5"), nil,
    ]
    for location in locations {
      var error = error
      error.location = location
      let json = try JSONEncoder().encode(error)
      #expect(try JSONDecoder().decode(CNNError.self, from: json) == error)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(
      try String(decoding: encoder.encode(error), as: UTF8.self) == """
        {"code":"truncated","details":["row 12"],"domain":"picture","expected":"all",\
        "found":"38 % of the rows","location":{"byte":4711},"problem":"the JPEG ends too early",\
        "remedy":{"action":"allow-truncated","text":"Fetch the file again"},"subject":"cat.jpg"}
        """)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(CNNError.Location.self, from: Data("{}".utf8))
    }
  }

  @Test func remediesAreMadeFromTexts() {
    let format = "PNG"
    let remedy: CNNError.Remedy = "Save it as \(format)"
    #expect(remedy == CNNError.Remedy("Save it as PNG") && remedy.action == nil)
  }
}
