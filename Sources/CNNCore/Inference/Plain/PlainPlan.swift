/// A network as a list of plain operations, each on whole tensors: what runs on every processor and
/// what the kernels are tested against.
struct PlainPlan: Sendable {
  let steps: [PreparedStep]

  init(_ network: Network, _ parameters: Parameters) {
    steps = PreparedStep.prepare(network, parameters)
  }

  /// The result of the last node.
  ///
  /// - Parameter observe: is told the number of each step when it has been computed.
  func run(_ input: Tensor, threads: Int, observe: (Int) -> Void) -> Tensor {
    var results = [Network.inputName: input]
    for (number, step) in steps.enumerated() {
      let inputs = step.takeInputs(from: &results)
      results[step.output] = step.operation.run(inputs, threads: threads)
      observe(number)
    }
    guard let output = results[steps.last?.output ?? Network.inputName] else {
      preconditionFailure("the last node was computed last")
    }
    return output
  }
}
