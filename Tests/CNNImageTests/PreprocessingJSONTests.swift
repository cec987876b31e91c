import CNNImage
import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// Descriptions of a preprocessing that people write by hand.
@Suite struct PreprocessingJSONTests {
  /// The example of the documentation, which is also the remedy of every error.
  private static let example = """
    {"resize": {"shortSide": 256}, "resampling": "bilinear, antialiased", "centreCrop": \
    {"height": 224, "width": 224}, "channels": "RGB", "divisor": 255, \
    "mean": [0.485, 0.456, 0.406], "standardDeviation": [0.229, 0.224, 0.225]}
    """

  @Test func exampleIsTorchvision() throws {
    #expect(try Preprocessing(json: Self.example.utf8) == .torchvision)
  }

  @Test func everyPresetSurvives() throws {
    for (name, preset) in Preprocessing.presets {
      let json = try JSONEncoder().encode(preset)
      // Decoding also checks, which presets in code are not.
      #expect(try Preprocessing(json: json) == preset, "\(name)")
    }
  }

  /// A squash to 8x8, with `more` beside it.
  private static func squash(_ more: String) -> String {
    #"{"resize": {"squash": {"height": 8, "width": 8}}, "resampling": "nearest""#
      + #", "channels": "RGB", "# + more + "}"
  }

  private static func resize(_ value: String) -> String {
    #"{"resize": "# + value + #", "resampling": "nearest", "channels": "RGB"}"#
  }

  /// Each of these must be refused, because the network would see something else: with the key and
  /// with what is expected, and without a word of Swift.
  @Test(arguments: [
    ("", ["not valid JSON"]), ("{\"resize\": ", ["not valid JSON"]),
    ("[1]", ["it has the wrong type", "an object with contrast, resize"]),
    ("{}", ["resize is missing", #"{"shortSide": 256} or {"squash""#]),
    (resize(#"{"shortSide": 256}"#), ["short side", "Add a centre crop"]),
    (resize(#"{"shortSide": "256"}"#), ["resize.shortSide has the wrong type"]),
    (resize(#"{"shortSide": null}"#), ["resize.shortSide has no value"]),
    (resize(#"{"shortSide": 25.5}"#), ["resize cannot be read", "{\"shortSide\": 256}"]),
    (resize(#"{"squash": {"height": 8}}"#), ["resize.squash.width is missing"]),
    (resize(#"{"squash": {"height": 0, "width": 8}}"#), ["0x8", "from 1 to 8192"]),
    (resize(#"{"squash": {"height": 99999, "width": 8}}"#), ["99999"]),
    (resize(#"{"stretch": 8}"#), ["stretch", "only shortSide, squash"]),
    (resize("{}"), ["exactly one key", "found 0"]),
    (
      resize(#"{"shortSide": 256, "squash": {"height": 8, "width": 8}}"#),
      ["exactly one key", "found 2"]
    ),
    (
      resize(#"{"squash": {"height": 8, "width": 8}}"#).replacing("nearest", with: "cubic"),
      ["resampling", #"found "cubic""#, #""bilinear, antialiased" or "bilinear""#]
    ),
    (
      resize(#"{"squash": {"height": 8, "width": 8}}"#).replacing("RGB", with: "rgb"),
      ["channels", #"found "rgb""#, #""RGB" or "BGR""#]
    ),
    (squash(#""gamma": 2"#), ["unknown keys", "gamma", "only contrast, resize"]),
    (
      squash(#""mean": [1, 2, 3]"#).replacing("RGB", with: "gray"),
      ["mean does not fit", "3 numbers", "1 for gray"]
    ),
    (squash(#""divisor": 0"#), ["division"]),
    (squash(#""divisor": 1e999"#), ["divisor cannot be read", "a number such as 255"]),
    (squash(#""divisor": "255""#), ["divisor has the wrong type", "a number such as 255"]),
    (squash(#""standardDeviation": [1, 0, 1]"#), ["division"]),
    (squash(#""mean": "imagenet""#), ["mean", #"found "imagenet""#, "of the picture"]),
    (squash(#""mean": [1, "x", 3]"#), ["mean[1] has the wrong type", "a list of numbers"]),
    (squash(#""contrast": "more""#), ["contrast", #"found "more""#, #"expected "stretched""#]),
    (squash(#""centreCrop": 224"#), ["centreCrop has the wrong type", #"{"height": 224"#]),
  ])
  func refused(json: String, words: [String]) throws {
    let error = try #require(throws: CNNError.self) { try Preprocessing(json: json.utf8) }
    #expect(error.domain == .data)
    let text = error.description
    for word in words { #expect(text.contains(word), "\(text)") }
    #expect(text.hasSuffix("A valid one is " + Self.example), "\(text)")
    for word in ["Optional", "Error", "Context", "codingPath", "Swift", "Dictionary<"] {
      #expect(!text.contains(word), "\(text)")
    }
  }

  @Test func filesAreNamed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("preprocessing.json")
    func failure() throws -> CNNError {
      try #require(throws: CNNError.self) { try Preprocessing(contentsOf: path) }
    }
    let missing = try failure()
    #expect((missing.domain, missing.code) == (.data, .notFound))
    try folder.write("{}".utf8, to: "preprocessing.json")
    let bad = try failure()
    #expect((bad.domain, bad.code) == (.data, .corrupt))
    #expect(bad.description.hasPrefix("\(path): preprocessing: resize is missing"))
    try folder.write(Self.example.utf8, to: "preprocessing.json")
    #expect(try Preprocessing(contentsOf: path) == .torchvision)
  }
}
