import CNNTestSupport
import Foundation
import Testing

@Suite struct OtherCommandTests {
  struct Summary: Decodable {
    struct Row: Decodable {
      let node: String
      let outputShape: [Int]
      let parameters: Int
    }

    let nodes: [Row]
    let parameters: Int
    let trainableParameters: Int
    let frozenParameters: Int
  }

  /// The tutorial's transfer model, to the last parameter.
  @Test(arguments: [[], ["--head", "4096,4096"]]) func theSummaryAddsUp(_ head: [String]) throws {
    let arguments =
      ["summary", "--model", "vgg16", "--input", "48x48", "--classes", "10", "--freeze", "conv"]
      + head
    let run = try CommandRun(arguments + ["--json"])
    let summary = try JSONDecoder().decode(Summary.self, from: Data(run.output.utf8))
    #expect(summary.parameters == 33_638_218)
    #expect(summary.trainableParameters == 18_923_530)
    #expect(summary.frozenParameters == 14_714_688)
    #expect(summary.nodes.reduce(0) { $0 + $1.parameters } == summary.parameters)
    #expect(summary.nodes.first { $0.node == "pool5" }?.outputShape == [512, 1, 1])
    let table = try CommandRun(arguments)
    for number in ["33,638,218", "18,923,530", "14,714,688", "2,101,248", "512 x 1 x 1"] {
      #expect(table.output.contains(number))
    }
    #expect(table.outputLines.allSatisfy { $0.count <= 80 && $0.last != " " })
    #expect(try CommandRun(["summary", "--model", "vgg16", "--input", "16"]).status == 2)
  }

  @Test func theCatalogueListsEveryNetwork() throws {
    let run = try CommandRun(["models", "--json"])
    #expect(run.status == 0)
    #expect(run.outputLines.count == 23)
    #expect(try CommandRun(["models"]).output.contains("vgg16_weights.npz"))
  }

  /// Features are the outputs of the node: rows in the order of the pictures, bad ones left out.
  @Test(.enabled(if: Python.isPresent, Comment(rawValue: Python.absence)))
  func featuresAreReadBackByNumPy() throws {
    let folder = try TemporaryFolder()
    let picture = TestData.packageFolder.appendingPathComponent("Examples/sample.png").path
    let text = try folder.writeFile("no picture".utf8, to: "text.jpg")
    let output = folder.file("out.npz")
    let run = try CommandRun(
      ["features"] + PredictCommandTests.model
        + ["--layer", "pool2", picture, text, picture, "--output", output])
    #expect(run.status == 1)
    let answer = try Python.run(
      """
      import numpy, sys
      z = numpy.load(sys.argv[1])
      f = z["features"]
      print(f.shape, f.dtype, (f[0] == f[1]).all(), list(z["files"]) == [sys.argv[2]] * 2)
      """, output, picture)
    #expect(String(decoding: answer, as: UTF8.self) == "(2, 16, 4, 4) float32 True True\n")
  }

  /// Weights that overflow make features that are no numbers; no file of them is written.
  @Test func featuresThatAreNotFiniteAreRefused() throws {
    let folder = try TemporaryFolder()
    try ModelFiles.writePets(to: folder.file("pets.safetensors"), scale: 1e30)
    try ModelFiles.copyPictures(["cat.1.png", "dog.2.png"], to: folder)
    let output = folder.file("out.npz")
    let run = try CommandRun([
      "features", "--weights", folder.file("pets.safetensors"), "--layer", "logits",
      folder.file("data"), "--output", output,
    ])
    #expect(run.status == 1)
    #expect(run.errorLines.count == 2)
    #expect(run.errorLines.allSatisfy { $0.contains(".png: the network's answer is not a number") })
    #expect(!FileManager.default.fileExists(atPath: output))
  }
}
