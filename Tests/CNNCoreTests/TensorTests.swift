import CNNCore
import Testing

@Suite struct TensorTests {
  private let tensor = Tensor(shape: [2, 3, 2, 2], elements: (0..<24).map(Float.init))

  /// Row-major order: the last index is the fastest.
  @Test func elementsByIndex() {
    #expect(tensor[0, 0, 0, 0] == 0)
    #expect(tensor[0, 0, 0, 1] == 1)
    #expect(tensor[0, 0, 1, 0] == 2)
    #expect(tensor[0, 1, 0, 0] == 4)
    #expect(tensor[1, 2, 1, 1] == 23)
    #expect(tensor.reshaped([4, 6])[2, 3] == 15)
  }

  @Test func writingLeavesCopiesAlone() {
    var copy = tensor
    copy[1, 0, 1, 0] = -1
    #expect(copy.elements[14] == -1)
    #expect(tensor.elements[14] == 14)
    #expect(copy != tensor)
  }

  @Test func rows() {
    #expect(tensor[row: 1].shape == [1, 3, 2, 2])
    #expect(tensor[row: 1].elements == (12..<24).map(Float.init))
    #expect(tensor.rows == [tensor[row: 0], tensor[row: 1]])
    #expect(Tensor(rows: tensor.rows) == tensor)
    #expect(Tensor(rows: [tensor, tensor[row: 0]]).shape == [3, 3, 2, 2])
    #expect(tensor[row: 0].rows == [tensor[row: 0]])
    #expect(Tensor(zeros: [0, 5]).rows.isEmpty)
  }

  @Test func descriptions() {
    #expect("\(tensor)" == "[2, 3, 2, 2]: 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, ...")
    #expect("\(Tensor(shape: [2], elements: [-0.5, .nan]))" == "[2]: -0.5, nan")
    #expect("\(Tensor(zeros: [0, 4]))" == "[0, 4]: ")
  }

  /// What a caller got wrong is said in optimised builds too, where `precondition` says nothing.
  @Test func mistakesEndWithTheirText() async {
    func text(_ result: ExitTest.Result?) -> String {
      String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor(shape: [2, 3], elements: [1, 2])
    }
    #expect(text(count).contains("a tensor of shape [2, 3] has 6 elements, not 2"))
    let index = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor(zeros: [2, 3])[1, 3]
    }
    #expect(text(index).contains("index [1, 3] is outside a tensor of shape [2, 3]"))
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor(zeros: [2, -3])
    }
    #expect(text(size).contains("a dimension cannot be negative: [2, -3]"))
  }
}
