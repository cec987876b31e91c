import CNNCore
import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import SystemPackage
import Testing

/// What we write, read back by ourselves and by NumPy and safetensors.
@Suite struct WriterTests {
  private static let features = Tensor(shape: [5, 3], elements: (0..<15).map { Float($0) / 7 - 1 })
  private static let mean = Tensor(shape: [], elements: [0.1])
  private static let names = ["cat.1.jpg", "", "d\u{F6}g \u{1F415}.jpg", "x"]

  /// Rows in batches of 2, 2 and 1, which is fewer than were announced, then whole arrays.
  private func writeNPZ(_ path: FilePath, limit32: Int) throws {
    var writer = try NPZWriter(path, limit32: limit32)
    try writer.begin("features", rowShape: [3], maximumRows: 25_000)
    for range in [0..<6, 6..<12, 12..<15] {
      let rows = Self.features.elements[range]
      try writer.append(Tensor(shape: [range.count / 3, 3], elements: rows))
    }
    try writer.end()
    try writer.write("mean", Self.mean)
    try writer.write("names", Self.names)
    try writer.write("none", Tensor(zeros: [0, 4]))
    try writer.finish()
  }

  /// With a limit of 1 all sizes and offsets stand in zip64 fields.
  @Test(arguments: [Int(UInt32.max), 300, 1])
  func npzIsReadBack(limit32: Int) throws {
    try withTemporaryPath("features.npz") { path in
      try writeNPZ(path, limit32: limit32)
      let file = try WeightsFile.read(path)
      #expect(file.names == ["features", "mean", "none"])
      #expect(file.ignored.map(\.name) == ["names"])
      for (name, tensor) in [("features", Self.features), ("mean", Self.mean)] {
        let array = try #require(file[name])
        #expect(array.shape == tensor.shape)
        let floats = try array.floats()
        #expect(floats.array == tensor.bytes.array)
        // So that mapped arrays are read with aligned loads.
        #expect(floats.withUnsafeBytes { Int(bitPattern: $0.baseAddress) % 64 } == 0)
      }
      #expect(file["none"]?.shape == [0, 4])
    }
  }

  @Test(
    .enabled(if: Python.isPresent, Comment(rawValue: Python.absence)),
    arguments: [Int(UInt32.max), 1])
  func npzIsReadByNumPy(limit32: Int) throws {
    struct Answer: Decodable {
      let features: [[Float]]
      let mean: Float
      let names: [String]
      let none: [Int]
      let damaged: String?
    }
    try withTemporaryPath("features.npz") { path in
      try writeNPZ(path, limit32: limit32)
      let output = try Python.run(
        """
        import json, sys, zipfile, numpy
        a = numpy.load(sys.argv[1])
        assert a["features"].dtype == "<f4" and a.files == ["features", "mean", "names", "none"]
        print(json.dumps({"features": a["features"].tolist(), "mean": a["mean"].tolist(),
          "names": a["names"].tolist(), "none": a["none"].shape,
          "damaged": zipfile.ZipFile(sys.argv[1]).testzip()}))
        """, path.string)
      let answer = try JSONDecoder().decode(Answer.self, from: output)
      #expect(answer.features.flatMap { $0 } == Self.features.elements)
      #expect(answer.mean == 0.1)
      #expect(answer.names == Self.names)
      #expect(answer.none == [0, 4])
      #expect(answer.damaged == nil)
    }
  }

  @Test(.enabled(if: Python.isPresent, Comment(rawValue: Python.absence)))
  func safetensorsIsReadByItsLibrary() throws {
    struct Answer: Decodable {
      let arrays: [String: [[Float]]]
      let metadata: [String: String]
      let header: Int
    }
    let metadata = ["labels": "cat\n\"dog\"\\", "\u{1F415}": "\u{1}"]
    // Weights that lie input by input, as TensorFlow has them.
    let linear = ParameterArray(
      shape: [3, 5], layout: .inputOutput, bytes: Self.features.bytes)
    let convolution = ParameterArray(
      shape: [5, 1, 1, 3], layout: .inputOutput, bytes: Self.features.bytes)
    let arrays = try NamedArrays(
      [
        NamedArray(name: "features", Self.features), NamedArray(name: "fc.weight", linear),
        NamedArray(name: "conv.weight", convolution),
      ],
      metadata: metadata)
    try withTemporaryPath("model.safetensors") { path in
      try WeightsFile.write(arrays, to: path)
      let output = try Python.run(
        """
        import json, struct, sys, safetensors
        f = safetensors.safe_open(sys.argv[1], "numpy")
        rows = lambda a: a.reshape(len(a), -1).tolist()
        print(json.dumps({"arrays": {k: rows(f.get_tensor(k)) for k in f.keys()},
          "metadata": f.metadata(), "header": struct.unpack("<Q", open(sys.argv[1], "rb").read(8))[0]
        }))
        """, path.string)
      let answer = try JSONDecoder().decode(Answer.self, from: output)
      #expect(answer.metadata == metadata)
      #expect(answer.header % 8 == 0)
      #expect(answer.arrays["features"]?.flatMap { $0 } == Self.features.elements)
      #expect(answer.arrays["fc.weight"]?.flatMap { $0 } == linear.tensor().elements)
      #expect(answer.arrays["conv.weight"]?.flatMap { $0 } == convolution.tensor().elements)
    }
  }

  @Test func wideTypesComeBeforeNarrowOnes() throws {
    let fixture = try #require(try WeightsFixture.all("torch").first { $0.name == "legacy" })
    try withFile(fixture.file) { path in
      try WeightsFile.write(try WeightsFile.read(path), to: path)
      let sizes = try WeightsFile.read(path).arrays.map(\.elementType.byteSize)
      #expect(sizes == sizes.sorted(by: >))
    }
  }

  /// Nothing half-written stays behind, neither the file nor a temporary one.
  @Test func anUnfinishedFileLeavesNothing() throws {
    try withTemporaryPath("features.npz") { path in
      do {
        var writer = try NPZWriter(path)
        try writer.begin("features", rowShape: [2], maximumRows: 2)
        try writer.append(Tensor(zeros: [1, 2]))
      }
      let folder = path.removingLastComponent().string
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }
}
