package import CNNCore
internal import CNNSystem

/// The parameters of the part of a network that is computed in training, copied from its files.
///
/// Linear weights keep the layout of the file they came from; convolution weights are
/// `[O, I, kH, kW]`.
package struct TrainingParameters: Sendable {
  /// What each parameter is, in the order of the nodes.
  package let descriptions: [ParameterDescription]
  private let layouts: [ParameterArray.Layout]
  /// In the order of memory: a linear weight `[in, out]` has that shape.
  private var values: [Tensor]
  private let indices: [String: Int]

  /// Copies of the parameters of `nodes`.
  package init(_ parameters: Parameters, of nodes: [Network.Node]) {
    let descriptions = nodes.flatMap(\.parameters)
    let arrays = descriptions.map { parameters[$0.name] }
    self.descriptions = descriptions
    layouts = arrays.map { $0.shape.count == 2 ? $0.layout : .outputInput }
    values = arrays.map(Self.copy)
    indices = Dictionary(
      uniqueKeysWithValues: descriptions.enumerated().map { ($1.name, $0) })
  }

  private static func copy(_ array: ParameterArray) -> Tensor {
    guard array.shape.count == 2, array.layout == .inputOutput else { return array.tensor() }
    return Tensor(uninitialized: array.shape.reversed()) { target in
      array.bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
    }
  }

  /// The parameter called `name` in the network's terms; it shares memory until the next step.
  /// Precondition: there is one.
  package subscript(name: String) -> ParameterArray {
    let index = index(of: name)
    return ParameterArray(
      shape: descriptions[index].shape, layout: layouts[index], bytes: values[index].bytes)
  }

  /// Replaces the elements of the parameter called `name`; they keep its layout in memory.
  ///
  /// Precondition: the parameter exists and has the shape of `array`.
  package mutating func replace(_ name: String, with array: ParameterArray) {
    let index = index(of: name)
    requireArgument(array.shape == descriptions[index].shape, "\(name) is \(array.shape)")
    if array.layout == layouts[index] {
      values[index] = Self.copy(array)
    } else {
      let swapped = ParameterArray(
        shape: array.shape.reversed(), layout: .inputOutput, bytes: array.tensor().bytes)
      values[index] =
        layouts[index] == .outputInput ? array.tensor() : swapped.tensor()
    }
  }

  /// The elements in the order of memory.
  func elements(_ name: String) -> Tensor { values[index(of: name)] }

  /// The layout in memory.
  func layout(_ name: String) -> ParameterArray.Layout { layouts[index(of: name)] }

  /// Changes the elements in place; they are in the order of memory.
  mutating func update(_ name: String, _ body: (inout Tensor) -> Void) {
    body(&values[index(of: name)])
  }

  private func index(of name: String) -> Int {
    guard let index = indices[name] else { fatalError("\(name) is no parameter") }
    return index
  }
}
