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

  /// Features are the network's numbers: rows in the order of the pictures, bad ones left out.
  @Test func featuresAreReadBackByNumPy() throws {
    let folder = try TemporaryFolder()
    let picture = TestData.packageFolder.appendingPathComponent("Examples/sample.png").path
    let text = try folder.write("no picture".utf8, to: "text.jpg")
    let output = folder.path("out.npz")
    let run = try CommandRun(
      ["features"] + PredictCommandTests.model
        + ["--layer", "pool2", picture, text, picture, "--output", output])
    #expect(run.status == 1)
    let check = """
      import sys
      try: import numpy
      except ImportError: sys.exit(77)
      z = numpy.load(sys.argv[1])
      f = z["features"]
      assert f.shape == (2, 16, 4, 4) and f.dtype == numpy.float32 and (f[0] == f[1]).all()
      assert list(z["files"]) == [sys.argv[2]] * 2
      """
    let python = try CommandRun(
      executable: URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", check, output, picture])
    if python.status == 77 || python.status == 127 {
      print("features: not read back, for NumPy is not installed")
    } else {
      #expect(python.status == 0, "\(python.errors)")
    }
  }
}
