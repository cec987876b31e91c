import CNNKit
import CNNTestSupport
import Foundation
import Testing

/// A library that knows nothing of us reads a model file.
@Suite struct ForeignReaderTests {
  @Test(.enabled(if: Python.isPresent, Comment(rawValue: Python.absence)))
  func safetensorsReadsAModelFile() throws {
    struct Answer: Decodable {
      let shapes: [String: [Int]]
      let fc1: [[Float]]
      let labels: [String]
      let nodes: [String]
      let reversed: [String]
      let run: String
    }
    let model = try SmallModel()
    try withTemporaryFolder { folder in
      let path = folder.appending("best.safetensors")
      try model.write(to: path)
      let output = try Python.run(
        """
        import json, sys, safetensors
        f = safetensors.safe_open(sys.argv[1], "numpy")
        m = f.metadata()
        print(json.dumps({"shapes": {k: list(f.get_slice(k).get_shape()) for k in f.keys()},
          "fc1": f.get_tensor("fc1.weight").T.tolist(),
          "labels": [l["name"] for l in json.loads(m["cnn.labels"])],
          "nodes": [n["name"] for n in json.loads(m["cnn.network"])["nodes"]],
          "reversed": json.loads(m["cnn.input_output"]), "run": m["run.state"]}))
        """, path.string)
      let answer = try JSONDecoder().decode(Answer.self, from: output)
      let network = model.description.network
      #expect(answer.shapes["conv2.weight"] == [16, 6, 5, 5])
      #expect(answer.shapes["fc1.weight"] == [256, 120])
      #expect(answer.shapes["optimizer.momentum.fc1.bias"] == [120])
      #expect(answer.shapes.count == network.parameters.count + 1)
      #expect(answer.fc1.flatMap { $0 } == model.parameters["fc1.weight"].tensor().elements)
      #expect(answer.labels == model.description.labels.labels.map(\.name))
      #expect(answer.nodes == network.nodes.map(\.name))
      #expect(answer.reversed == ["fc1.weight"])
      #expect(answer.run == SmallModel.metadata["run.state"])
    }
  }
}
