internal import CNNSystem

extension Unpickler {
  /// Executes what makes tuples, lists, dicts and sets; passes other instructions on.
  mutating func executeContainer(_ opcode: PickleOpcode) throws(CNNError) {
    switch opcode {
    case .emptyTuple: try push(.tuple([]))
    case .tuple: try push(.tuple(try popToMark()))
    case .tuple1: try push(.tuple(try pop(1)))
    case .tuple2: try push(.tuple(try pop(2)))
    case .tuple3: try push(.tuple(try pop(3)))
    case .emptyList: try push(.list([]))
    case .list: try push(.list(try popToMark()))
    case .append:
      let item = try pop()
      try heap.append(CollectionOfOne(item), to: try top())
    case .appends:
      let items = try popToMark()
      try heap.append(items, to: try top())
    case .emptyDict: try push(.dictionary([]))
    case .dict:
      try push(.dictionary(try PickleHeap<Vocabulary.Object>.entries(try popToMark())))
    case .setItem:
      let items = try pop(2)
      try heap.insert(items, into: try top())
    case .setItems:
      let items = try popToMark()
      try heap.insert(items, into: try top())
    case .emptySet: try push(.opaque("a set"))
    // The elements of a set are never needed.
    case .addItems: _ = try popToMark()
    default: try executeObject(opcode)
    }
  }

  private mutating func executeObject(_ opcode: PickleOpcode) throws(CNNError) {
    switch opcode {
    case .global:
      let module = try reader.readBytes(until: UInt8(ascii: "\n")).array
      let name = try reader.readBytes(until: UInt8(ascii: "\n")).array
      try pushGlobal(String(decoding: module, as: UTF8.self), String(decoding: name, as: UTF8.self))
    case .stackGlobal:
      let words = try pop(2)
      guard let module = heap.text(words[0]), let name = heap.text(words[1]) else {
        throw PickleHeap<Vocabulary.Object>.misuse("it names a global by something else than text")
      }
      try pushGlobal(module, name)
    case .reduce, .newObj: try call()
    case .build: try build()
    case .binPersID: try push(.object(try vocabulary.load(try pop(), &heap)))
    case .inst:
      let module = try reader.readBytes(until: UInt8(ascii: "\n")).array
      let name = try reader.readBytes(until: UInt8(ascii: "\n")).array
      throw refusal(
        "\(String(decoding: module, as: UTF8.self)).\(String(decoding: name, as: UTF8.self))")
    default:
      throw CNNError(
        .weights, .unsafe, "the pickle uses an instruction that no weights need",
        found: "\(opcode)".uppercased(), remedy: vocabulary.remedy)
    }
  }

  private mutating func pushGlobal(_ module: String, _ name: String) throws(CNNError) {
    guard let object = vocabulary.global(module, name) else {
      throw refusal("\(module).\(name)")
    }
    try push(.object(object))
  }

  private func refusal(_ global: String) -> CNNError {
    CNNError(
      .weights, .unsafe, "the pickle names \(global.printable), which no weights need",
      remedy: vocabulary.remedy)
  }

  private mutating func call() throws(CNNError) {
    let operands = try pop(2)
    guard let callable = heap.object(operands[0]), case .tuple(let arguments) = heap[operands[1]]
    else { throw PickleHeap<Vocabulary.Object>.misuse("it calls \(heap[operands[0]].kind)") }
    try push(try vocabulary.call(callable, arguments, &heap))
  }

  private mutating func build() throws(CNNError) {
    let state = try pop()
    let target = try top()
    switch heap[target] {
    case .object(let object):
      heap.replace(target, with: try vocabulary.build(object, state, &heap))
    case .dictionary, .opaque:
      // Attributes are never needed; PyTorch gives its state dicts one with version numbers.
      break
    default:
      throw PickleHeap<Vocabulary.Object>.misuse("it gives a state to \(heap[target].kind)")
    }
  }
}
