public import CNNSystem
public import CNNTraining
public import SystemPackage

/// `report.html`: a whole run on one page that needs nothing but itself.
///
/// Curves and the confusion matrix are drawn into the page, pictures are stored in it; it follows
/// the reader's choice of light or dark.
public struct ReportPage: Sendable {
  /// A name and what it stands for, both for people.
  public struct Setting: Sendable, Hashable {
    /// Such as `learning rate`.
    public let name: String
    /// Such as `0.01, cosine`.
    public let value: String

    /// A setting from its parts.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The heading, such as `resnet18 on cats and dogs`.
  public var title: String
  /// The command that made the run.
  public var command: String
  /// What is shown first and large: a number and what it is.
  public var highlights: [Setting]
  /// All settings, in their order.
  public var settings: [Setting]
  /// The lines of the log.
  public var records: [LogRecord]
  /// How good the network is on the pictures for validation.
  public var evaluation: Evaluation?
  /// The worst-predicted pictures.
  public var worst: [ReportPicture]

  /// A report from its parts; see the properties.
  public init(
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
  public func write(to path: FilePath) throws(CNNError) {
    var file = try AtomicFile(path)
    try file.write(html.utf8)
    try file.commit()
  }
}
