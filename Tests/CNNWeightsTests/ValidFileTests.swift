import CNNCore
import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import Testing

/// Files that NumPy, safetensors and PyTorch wrote, against the values that these libraries read:
/// the same bits, for no conversion here rounds in another way than NumPy's.
@Suite struct ValidFileTests {
  @Test(arguments: try WeightsFixture.groups.flatMap { try WeightsFixture.all($0) })
  func readsWhatTheReferenceReads(_ fixture: WeightsFixture) throws {
    try withFile(fixture.file) { path in
      let file = try WeightsFile.read(path, options: fixture.options)
      #expect(file.format?.rawValue == fixture.format)
      #expect(file.names == fixture.arrays.map(\.name))
      #expect(file.ignored.map(\.name).sorted() == fixture.ignored.sorted())
      #expect(file.metadata == fixture.metadata)
      if let words = fixture.notes {
        let notes = file.notes.joined(separator: "; ")
        #expect(file.notes.isEmpty == words.isEmpty, "\(notes)")
        for word in words { #expect(notes.contains(word), "\(notes)") }
      }
      for expected in fixture.arrays {
        let array = try #require(file[expected.name])
        #expect(array.shape == expected.shape)
        #expect(array.elementType.rawValue == expected.type, "\(expected.name)")
        #expect(try array.floatData() == expected.floats, "\(expected.name)")
        let isInPlace = fixture.inPlace.contains(expected.name)
        #expect(array.isUsedInPlace || !isInPlace, "\(expected.name)")
        #expect(try array.floats().isMapped || !isInPlace, "\(expected.name)")
      }
    }
  }

  @Test(arguments: try WeightsFixture.groups.flatMap { try WeightsFixture.all($0) })
  func survivesBeingWrittenAsSafetensors(_ fixture: WeightsFixture) throws {
    try withFile(fixture.file) { path in
      let original = try WeightsFile.read(path, options: fixture.options)
      // Over the very file that the arrays are mapped from.
      try WeightsFile.write(original, to: path)
      let copy = try WeightsFile.read(path)
      #expect(copy.format == .safetensors)
      #expect(copy.metadata == fixture.metadata)
      #expect(copy.names.sorted() == original.names.sorted())
      for expected in fixture.arrays {
        let array = try #require(copy[expected.name])
        #expect(array.shape == expected.shape)
        #expect(try array.floatData() == expected.floats, "\(expected.name)")
      }
    }
  }

  /// All 65,536 bit patterns against NumPy's conversion. NaN compares as zero, for processors
  /// disagree about the quiet bit.
  @Test func convertsEveryHalfPrecisionNumber() throws {
    let header = Array("{'descr': '<f2', 'fortran_order': False, 'shape': (65536,), }\n".utf8)
    var file = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header
    for pattern in UInt16.min ... .max { file += [UInt8(pattern & 0xFF), UInt8(pattern >> 8)] }
    let floats = try withFile(file) { path in try WeightsFile.read(path).arrays[0].floats() }
    var values = floats.withUnsafeBytes { bytes in
      (0..<65536).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
    #expect(values.count(where: \.isNaN) == 2046)
    for index in values.indices where values[index].isNaN { values[index] = 0 }
    let fixture = try Fixture("half_precision.json").decode([String: UInt32].self)
    #expect(values.withUnsafeBytes { crc32($0) } == fixture["checksum"])
  }

  @Test func namesTheFirstNumberThatIsNotFinite() throws {
    // Larger than one block and one chunk of the search.
    var elements = [Float](repeating: 1, count: (1 << 20) + 5000)
    elements[(1 << 20) + 4321] = -.infinity
    elements[(1 << 20) + 4999] = .nan
    let tensor = Tensor(shape: [elements.count / 4, 4], elements: elements)
    let array = NamedArray(name: "fc6_W", tensor)
    for threads in [1, 3] {
      #expect(try array.firstNonFinite(threads: threads) == (1 << 20) + 4321)
    }
    let error = #expect(throws: CNNError.self) { try array.finiteFloats() }
    #expect(error?.code == .notFinite)
    #expect(error?.location == .tensor("fc6_W"))
    #expect(error?.problem.contains("[263224, 1]") == true)
    let finite = NamedArray(
      name: "b", Tensor(shape: [2], elements: [.greatestFiniteMagnitude, -0.0]))
    #expect(try finite.firstNonFinite() == nil)
    #expect(try finite.finiteFloats().count == 8)
  }
}
