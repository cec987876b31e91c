/// The concatenations that cost nothing, because each of their inputs is written where it belongs.
struct ConcatPlaces {
  /// A result's place in a concatenation.
  struct Place {
    let concat: String
    let firstBlock: Int
  }

  private(set) var places: [String: Place] = [:]
  private(set) var concats: Set<String> = []

  /// - Parameters:
  ///   - steps: all steps.
  ///   - shapes: the shape of each result, without the batch.
  init(_ steps: [FusedStep], shapes: [String: [Int]]) {
    var readers: [String: Int] = [:]
    for step in steps {
      for name in step.inputs { readers[name, default: 0] += 1 }
    }
    // The results that will be blocked maps, by the same choice that the builder makes.
    var maps: Set<String> = []
    for step in steps {
      if case .node(let node) = step.operation, node.layer == .concat {
        let fits = step.inputs.allSatisfy { name in
          maps.contains(name) && readers[name] == 1
            && (shapes[name]?[0] ?? 0).isMultiple(of: MapSlot.blockChannels)
        }
        guard fits else { continue }
        place(step, shapes)
      } else if case .plain = KernelChoice.choose(step, isMap: { maps.contains($0) }) {
        continue
      }
      maps.insert(step.output)
    }
  }

  private mutating func place(_ step: FusedStep, _ shapes: [String: [Int]]) {
    concats.insert(step.output)
    var block = 0
    for name in step.inputs {
      places[name] = Place(concat: step.output, firstBlock: block)
      block += MapSlot.blocks(of: shapes[name]?[0] ?? 0)
    }
  }
}
