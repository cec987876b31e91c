import CNNCore
import Foundation
import Testing

@Suite struct BenchCommandTests {
  struct Report: Decodable {
    struct Step: Decodable {
      let node: String
      let kernel: String
      let median_ms: Double
      let multiply_adds: Int
    }

    let batch: Int
    let threads: Int
    let precision: String
    let kernels: String
    let runs: Int
    let median_ms: Double
    let min_ms: Double
    let images_per_second: Double
    let peak_gflops: Double
    let layers: [Step]
  }

  /// The precisions that this processor computes in.
  private static let precisions = Precision.allCases.filter { KernelSet.fastest.computes($0) }

  @Test(arguments: precisions) func reportsOneObject(_ precision: Precision) throws {
    let run = try CommandRun([
      "bench", "--model", "lenet5", "--batch", "3", "--threads", "2", "--precision",
      precision.rawValue, "--seconds", "0", "--layers", "--json",
    ])
    #expect(run.status == 0)
    #expect(run.outputLines.count == 1)
    let report = try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
    #expect(report.batch == 3)
    #expect(report.threads == 2)
    #expect(report.precision == precision.rawValue)
    #expect(report.runs >= 5)
    #expect(report.min_ms > 0)
    #expect(report.median_ms >= report.min_ms)
    #expect(abs(report.images_per_second * report.median_ms - 3000) < 1)
    #expect(report.peak_gflops > 1)
    #expect(KernelSet(rawValue: report.kernels)?.isAvailable == true)
    // Every multiply-add of the network belongs to one step.
    let summary = try CommandRun(["summary", "--model", "lenet5", "--json"])
    let object = try JSONSerialization.jsonObject(with: Data(summary.output.utf8))
    let expected = (object as? [String: Any])?["multiplyAdds"] as? Int
    #expect(report.layers.reduce(0) { $0 + $1.multiply_adds } == expected.map { 3 * $0 })
    // The steps are parts of a run.
    #expect(report.layers.reduce(0) { $0 + $1.median_ms } < 2 * report.median_ms)
  }

  /// A step of LeNet-5 with its convolutions frozen trains the linear layers: 120 x 256 + 120,
  /// 84 x 120 + 84 and 10 x 84 + 10.
  @Test func measuresAStepOfTraining() throws {
    struct Report: Decodable {
      let features: String
      let trained_parameters: Int
      let steps: Int
      let median_ms: Double
      let images_per_second: Double
    }
    let run = try CommandRun([
      "bench", "--model", "lenet5", "--training", "conv", "--batch", "6", "--seconds", "0",
      "--json",
    ])
    #expect(run.status == 0)
    let report = try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
    #expect(report.trained_parameters == 30_840 + 10_164 + 850)
    #expect(report.steps == 5)
    #expect(abs(report.images_per_second * report.median_ms - 6000) < 1)
    let text = try CommandRun([
      "bench", "--model", "lenet5", "--training", "none", "--seconds", "0",
    ])
    #expect(text.outputLines.allSatisfy { $0.count <= 80 })
    #expect(text.output.contains("forward after input"))
  }

  @Test func tablesFitATerminal() throws {
    let run = try CommandRun(["bench", "--model", "lenet5", "--seconds", "0", "--layers"])
    #expect(run.status == 0)
    #expect(run.outputLines.allSatisfy { $0.count <= 80 && $0.last != " " })
    #expect(run.output.contains("images a second"))
  }

  @Test(arguments: [
    ["--model", "nonsense"], ["--model", "lenet5", "--precision", "fp8"],
    ["--model", "lenet5", "--batch", "0"], ["--model", "lenet5", "--threads", "0"],
    ["--model", "vgg16", "--input", "16"], ["--model", "lenet5", "--classes", "0"],
    ["--model", "lenet5", "--training", "conv9"],
    ["--model", "lenet5", "--training", "conv", "--layers"],
  ]) func refusesNonsense(_ arguments: [String]) throws {
    let run = try CommandRun(["bench"] + arguments)
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
  }

  @Test(arguments: [["CNN_THREADS": "two"], ["CNN_KERNELS": "blas"], ["CNN_KERNELS": "sse"]])
  func refusesNonsenseInTheEnvironment(_ environment: [String: String]) throws {
    let run = try CommandRun(
      ["bench", "--model", "lenet5", "--precision", "bf16"], environment: environment)
    #expect(run.status == 2)
    #expect(run.errorLines.count == 1)
    for name in environment.keys { #expect(run.errors.contains(name)) }
  }
}
