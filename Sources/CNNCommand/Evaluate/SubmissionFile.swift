import CNNCore
import CNNKit
import CNNSystem
import CNNTraining
import SystemPackage

/// A file of predictions for Kaggle, row by row.
struct SubmissionFile {
  private let path: FilePath
  private let className: String
  private var submission = KaggleSubmission()
  private var count = 0

  /// A file at `path` for pictures of these names.
  ///
  /// - Throws: before anything is computed: a `usage` error where the model does not have two classes;
  ///   a `data` error where two pictures have the same name; `cannotWrite`.
  init(_ path: FilePath, labels: LabelSet, names: [String]) throws(CNNError) {
    guard labels.count == 2 else {
      throw CNNError(
        .usage, .mismatch, "a submission for Kaggle needs a model of two classes",
        found: "\(labels.count) classes")
    }
    var trial = KaggleSubmission()
    for name in names { try trial.add(name: name, probability: 0) }
    _ = try AtomicFile(path)
    self.path = path
    className = labels[1].name
  }

  /// Adds a picture with its `[classes]` probabilities.
  mutating func add(_ name: String, _ probabilities: Tensor) throws(CNNError) {
    try submission.add(name: name, probability: Double(probabilities.elements[1]))
    count += 1
  }

  /// Writes the file, and a note about what it holds.
  func write() throws(CNNError) {
    var file = try AtomicFile(path)
    try file.write(submission.text.utf8)
    try file.commit()
    Diagnostics.note(
      "\(path.displayName): \(count) pictures, each with the probability of \(className)")
  }
}
