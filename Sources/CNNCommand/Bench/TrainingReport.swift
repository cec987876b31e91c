import CNNCore
import CNNSystem

/// What `cnn bench --training` tells: as one JSON object, or as lines.
struct TrainingReport: Encodable {
  let model: String
  let input: [Int]
  let batch: Int
  let threads: Int
  /// What the step begins with.
  let features: String
  let trainedParameters: Int
  let steps: Int
  /// Of a whole step.
  let medianMilliseconds: Double
  let fastestMilliseconds: Double
  let imagesPerSecond: Double

  private enum CodingKeys: String, CodingKey {
    case model, input, batch, threads, features, steps
    case trainedParameters = "trained_parameters"
    case medianMilliseconds = "median_ms"
    case fastestMilliseconds = "min_ms"
    case imagesPerSecond = "images_per_second"
  }

  init(_ measurement: TrainingMeasurement, model: String) {
    self.model = model
    input = measurement.network.inputShape
    batch = measurement.batch
    threads = measurement.threads
    features = measurement.features ?? Network.inputName
    trainedParameters = measurement.trainedParameters
    steps = measurement.runs.count
    medianMilliseconds = BenchMeasurement.median(measurement.runs) / .milliseconds(1)
    fastestMilliseconds = (measurement.runs.min() ?? .zero) / .milliseconds(1)
    imagesPerSecond = Double(batch) / medianMilliseconds * 1000
  }

  /// The same for people.
  var rows: [(label: String, value: String)] {
    [
      ("network", "\(model), \(input.shapeDescription), batch \(batch)"),
      ("a step", "forward behind \(features), backward, SGD with momentum; threads: \(threads)"),
      ("trained", NumberText.grouped(trainedParameters) + " parameters"),
      ("median", NumberText.fixed(medianMilliseconds, decimals: 2) + " ms of \(steps) steps"),
      ("fastest", NumberText.fixed(fastestMilliseconds, decimals: 2) + " ms"),
      ("images a second", NumberText.fixed(imagesPerSecond, decimals: 1)),
    ]
  }
}
