internal import CNNSystem
internal import CNNTraining
internal import SystemPackage

/// `report.html`: a whole run on one page that needs nothing but itself.
///
/// Curves and the confusion matrix are drawn into the page, pictures are stored in it; it follows
/// the reader's choice of light or dark.
struct ReportPage: Sendable {
  /// A name and what it stands for, both for people.
  struct Setting: Sendable, Hashable {
    /// Such as `learning rate`.
    let name: String
    /// Such as `0.01, cosine`.
    let value: String

    /// A setting from its parts.
    init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The heading, such as `resnet18 on cats and dogs`.
  var title: String
  /// The command that made the run.
  var command: String
  /// What is shown first and large: a figure and what it is.
  var highlights: [Setting]
  /// All settings, in their order.
  var settings: [Setting]
  /// The lines of the log.
  var records: [LogRecord]
  /// How good the network is on the pictures for validation.
  var evaluation: Evaluation?
  /// The worst-predicted pictures.
  var worst: [ReportPicture]

  /// A report from its parts; see the properties.
  init(
    title: String, command: String = "", highlights: [Setting] = [], settings: [Setting] = [],
    records: [LogRecord] = [], evaluation: Evaluation? = nil, worst: [ReportPicture] = []
  ) {
    self.title = title
    self.command = command
    self.highlights = highlights
    self.settings = settings
    self.records = records
    self.evaluation = evaluation
    self.worst = worst
  }

  /// Writes the page. Throws `cannotWrite`.
  func write(to path: FilePath) throws(CNNError) {
    try AtomicFile.write(html.utf8, to: path)
  }
}
