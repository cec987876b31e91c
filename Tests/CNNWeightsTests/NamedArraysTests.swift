import CNNCore
import CNNSystem
import CNNWeights
import Testing

@Suite struct NamedArraysTests {
  private func arrays(_ names: String...) throws -> NamedArrays {
    try NamedArrays(
      names.enumerated().map { index, name in
        NamedArray(name: name, Tensor(shape: [1], elements: [Float(index)]))
      }, metadata: ["format": "test"])
  }

  @Test func keepsOrderAndFindsByName() throws {
    let arrays = try arrays("b", "a", "c")
    #expect(arrays.names == ["b", "a", "c"])
    #expect(arrays.byteCount == 12)
    #expect(try arrays["c"]?.floats().array == Tensor(shape: [1], elements: [2]).bytes.array)
    #expect(arrays["d"] == nil)
  }

  @Test func renamesAndDrops() throws {
    let arrays = try arrays("conv1/0", "conv1/1", "step")
    let changed = try arrays.dropping { $0 == "step" }.renamed { "net." + $0 }
    #expect(changed.names == ["net.conv1/0", "net.conv1/1"])
    #expect(changed.metadata == ["format": "test"])
    #expect(changed["net.conv1/1"]?.name == "net.conv1/1")
    let error = #expect(throws: CNNError.self) { try arrays.renamed { _ in "same" } }
    #expect(error?.location == .tensor("same"))
    #expect(throws: CNNError.self) { try self.arrays("a", "a") }
  }

  /// Only a prefix of all names is no part of any.
  @Test(arguments: [
    (["module.a", "module.b.c"], ["a", "b.c"]), (["module.a", "b"], ["module.a", "b"]),
    (["module.", "module.a"], ["module.", "module.a"]), (["modulea"], ["modulea"]),
  ])
  func stripsOnlyACommonPrefix(names: [String], expected: [String]) throws {
    let arrays = try NamedArrays(names.map { NamedArray(name: $0, Tensor(zeros: [1])) })
    #expect(try arrays.strippingCommonPrefix("module.").names == expected)
  }
}
