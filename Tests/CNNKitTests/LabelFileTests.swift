import CNNKit
import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// The files of labels that people have.
@Suite struct LabelFileTests {
  /// Writes `bytes` to a file, reads it as labels and removes it.
  private func labels(_ bytes: some Sequence<UInt8>) throws -> LabelSet {
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) {
      try LabelSet(contentsOf: folder.write(bytes, to: "labels.txt"))
    }
  }

  private func labels(_ text: String) throws -> LabelSet { try labels(text.utf8) }

  private func names(_ text: String) throws -> [String] {
    try labels(text).labels.map(\.name)
  }

  private func error(_ bytes: some Sequence<UInt8>) throws -> CNNError {
    try #require(throws: CNNError.self) { _ = try labels(bytes) }
  }

  private static let tench = [
    ClassLabel(index: 0, name: "tench, Tinca tinca", synset: "n01440764"),
    ClassLabel(index: 1, name: "goldfish, Carassius auratus", synset: "n01443537"),
  ]

  @Test func namesAndSynsets() throws {
    #expect(try names("cat\ndog, the friend\n") == ["cat", "dog, the friend"])
    #expect(try names("\u{FEFF}cat\r\ndog\r\n\r\n\n") == ["cat", "dog"])
    let spaced = "n01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus"
    #expect(try labels(spaced).labels == Self.tench)
    #expect(try labels(spaced.replacing("4 t", with: "4\tt")).labels == Self.tench)
    // ImageNet's table names them.
    #expect(try labels("n01440764\nn01443537\n").labels == Self.tench)
    #expect(
      try labels("n99999999").labels == [
        ClassLabel(index: 0, name: "n99999999", synset: "n99999999")
      ])
  }

  @Test(arguments: [
    "0 tench\n1 big cat", "0: tench\n1: big cat", "1\tbig cat\n0\ttench",
    "0,tench\n1,\"big cat\"", "1. tench\n2. big cat", "0: 'tench'\n1: 'big cat'",
  ]) func linesThatBeginWithTheirIndex(_ text: String) throws {
    #expect(try names(text) == ["tench", "big cat"])
  }

  /// Numbers that are no indices belong to the name.
  @Test func namesThatBeginWithNumbers() throws {
    #expect(try names("3 doors\n5 doors") == ["3 doors", "5 doors"])
    #expect(try names("0\n1\n2") == ["0", "1", "2"])
    #expect(try names("0 a\n2 b") == ["0 a", "2 b"])
    #expect(try names("(a)\n(b)") == ["(a)", "(b)"])
  }

  @Test(arguments: [
    "index,label\n0,\"tench, Tinca tinca\"\n1,\"the \"\"big\"\" cat\"",
    "label,name\n1,\"the \"\"big\"\" cat\"\n0,\"tench, Tinca tinca\"",
    "class_name;class_id\ntench, Tinca tinca;0\n\"the \"\"big\"\" cat\";1",
    "name\tsplit\tlabel\ntench, Tinca tinca\tx\t0\n\"the \"\"big\"\" cat\"\tx\t1",
  ]) func commaSeparatedValues(_ text: String) throws {
    #expect(try names(text) == ["tench, Tinca tinca", "the \"big\" cat"])
  }

  @Test func commaSeparatedSynsets() throws {
    let text = "synset,label\nn01440764,tench\nn01443537,goldfish"
    #expect(try labels(text).labels.map(\.synset) == ["n01440764", "n01443537"])
    #expect(try names(text) == ["tench", "goldfish"])
    // A comma in an ordinary first line makes no header of it.
    #expect(try names("tench, Tinca tinca\nlabel") == ["tench, Tinca tinca", "label"])
  }

  @Test(arguments: [
    #"["tench", "big cat"]"#, #"{"1": "big cat", "0": "tench"}"#, "{0: 'tench',\n 1: 'big cat'}",
    "{0: u'tench', 1: u\"big cat\",}\n", #"{"tench": 0, "big cat": 1}"#,
    #"[{"name": "tench"}, {"name": "big cat", "synset": null}]"#,
    #"{"architectures": ["X"], "rate": 1e-5, "id2label": {"0": "tench", "1": "big cat"}}"#,
    #"{"0": "\u0074ench", "1": "big\u0020cat"}"#,
  ]) func jsonAndPython(_ text: String) throws {
    #expect(try names(text) == ["tench", "big cat"])
  }

  @Test func kerasClassIndex() throws {
    let text = #"{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}"#
    #expect(try labels(text).labels.map(\.synset) == ["n01440764", "n01443537"])
    #expect(try names(text) == ["tench", "goldfish"])
    #expect(try names(#"["caf\u00e9", "\ud83d\ude00", 'it\'s']"#) == ["café", "😀", "it's"])
  }

  @Test func otherEncodings() throws {
    let text = "café\ndog\n"
    for isBig in [true, false] {
      let bytes = ("\u{FEFF}" + text).utf16.flatMap { unit in
        isBig ? [UInt8(unit >> 8), UInt8(unit & 0xFF)] : [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      }
      #expect(try labels(bytes).labels.map(\.name) == ["café", "dog"])
    }
    let latin1 = try error(Array("dog\ncaf".utf8) + [0xE9, 0x0A])
    #expect(latin1.location == .line(2) && latin1.message.contains("Save the file as UTF-8"))
  }

  @Test(arguments: [
    ("cat\n\ndog", "a label is empty (line 2)"),
    ("", "empty"),
    ("cat\n\u{1B}[31mdog", "control characters (line 2)"),
    ("[\"cat\",\n\"dog]", "a text is not closed (line 2)"),
    ("{\"0\": \"cat\", \"2\": \"dog\"}", "not 0, 1, 2"),
    ("{\"cat\": 0, \"dog\": 0}", "not 0, 1, 2"),
    ("{\"cat\": [1, 2]}", "no list of labels"),
    ("index,label\n0,cat\n1,dog,x", "columns of the header (line 3): found 3, expected 2"),
    ("index,label\n0,cat\n5,dog", "not 0, 1, 2"),
    (String(repeating: "[", count: 100_000), "nested too deeply"),
    ("[\"\\ud800x\"]", "surrogate"),
  ]) func filesThatAreRefused(_ text: String, _ words: String) throws {
    let error = try error(text.utf8)
    #expect(error.domain == .data)
    #expect(error.message.contains(words), "\(error)")
  }

  /// Too few, too many, and the background that TensorFlow counts.
  @Test func labelsFitTheNetworkOrAreNamed() throws {
    var options = LoadingOptions()
    options.labelsFile = "things.txt"
    options.labels = LabelSet(names: ["Background"] + (0..<10).map { "thing \($0)" })
    let model = try PretrainedNetwork(randomFor: .leNet5, seed: 1, options: options)
    #expect(model.labels.count == 10 && model.labels[9] == ClassLabel(index: 9, name: "thing 9"))
    options.labels = LabelSet(names: ["label"] + (0..<10).map { "thing \($0)" })
    func error() throws -> CNNError {
      try #require(throws: CNNError.self) {
        _ = try PretrainedNetwork(randomFor: .leNet5, seed: 1, options: options)
      }
    }
    #expect(
      try error().description == "things.txt: the labels do not fit the network: found 11 labels, "
        + "expected 10, one for each output. If the first one, \"label\", names no class, remove it"
    )
    options.labels = LabelSet(names: ["thing"])
    #expect(
      try error().description
        == "things.txt: the labels do not fit the network: found 1 label, expected 10, one for "
        + "each output")
  }
}
