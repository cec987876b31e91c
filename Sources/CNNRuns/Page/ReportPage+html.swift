internal import CNNSystem
internal import CNNTraining

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension ReportPage {
  /// The page.
  var html: String {
    let sections = [
      header, curves, confusion, classes, worstPictures, settingsTable,
    ].compactMap { $0 }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(XMLText.escaped(title))</title>
      <style>
      \(ReportStyle.text)
      </style>
      </head>
      <body>
      <main>
      \(sections.joined(separator: "\n"))
      </main>
      </body>
      </html>

      """
  }

  private var header: String {
    let cards = highlights.map {
      "<div class=\"card\"><b>\(XMLText.escaped($0.value))</b>"
        + "<span>\(XMLText.escaped($0.name))</span></div>"
    }
    return "<h1>\(XMLText.escaped(title))</h1>"
      + (command.isEmpty ? "" : "\n<code class=\"command\">\(XMLText.escaped(command))</code>")
      + (cards.isEmpty ? "" : "\n<div class=\"highlights\">\(cards.joined())</div>")
  }

  private var curves: String? {
    guard records.contains(where: { $0.kind == .epoch }) else { return nil }
    // On a phone a plot drawn for a desktop would be too small to read.
    func card(_ plot: (TrainingPlots) -> Drawing) -> String {
      let wide = plot(TrainingPlots(records)).svg(.page)
      let narrow = plot(TrainingPlots(records, size: LineChart.narrow)).svg(.page)
      return "<div class=\"card plot\"><div class=\"wide\">\(wide)</div>"
        + "<div class=\"narrow\">\(narrow)</div></div>"
    }
    return "<h2>Curves</h2>\n<div class=\"plots\">\(card(\.loss))\n\(card(\.accuracy))</div>"
  }

  private var confusion: String? {
    guard let evaluation else { return nil }
    let chart = ConfusionChart(matrix: evaluation.confusion, title: "Who is taken for whom")
    let isSmall = evaluation.confusion.classNames.count <= Self.classesBesideTheMatrix
    let cards = [isSmall ? Self.classes(evaluation) : nil, Self.confusions(evaluation)]
      .compactMap { $0 }.joined(separator: "\n")
    return """
      <h2>Classes</h2>
      <div class="plots top"><div class="card plot scroll">\(chart.drawing.svg(.page))</div>
      <div class="stack">\(cards)</div></div>
      """
  }

  /// The table of so few classes stands beside the matrix; of more, below it.
  private static let classesBesideTheMatrix = 12
  /// Rows of the table of classes; of more classes the least known are shown.
  private static let shownClasses = 40

  private var classes: String? {
    guard
      let evaluation, evaluation.confusion.classNames.count > Self.classesBesideTheMatrix
    else { return nil }
    return "<div class=\"below\">\(Self.classes(evaluation))</div>"
  }

  private static func classes(_ evaluation: Evaluation) -> String {
    let all = evaluation.confusion.classes
    let shown =
      all.count <= shownClasses
      ? all : Array(all.sorted { ($0.f1, $0.index) < ($1.f1, $1.index) }.prefix(shownClasses))
    let isNumbered = all.count > ConfusionChart.namedClasses
    let rows = shown.map { row in
      [isNumbered ? "\(row.index): \(row.name)" : row.name, "\(row.count)", "\(row.correct)"]
        + [row.precision, row.recall, row.f1].map { percent($0) }
    }
    let note =
      shown.count < all.count
      ? "<p>The \(shown.count) of \(all.count) classes with the least F1.</p>" : ""
    return "<div class=\"card scroll\">\(note)"
      + table(["class", "pictures", "correct", "precision", "recall", "F1"], rows) + "</div>"
  }

  /// The pairs that are confused most; two classes have no need of such a list.
  private static func confusions(_ evaluation: Evaluation) -> String? {
    let names = evaluation.confusion.classNames
    let rows = evaluation.confusion.largestConfusions(10).map {
      [names[$0.classIndex], names[$0.predictedIndex], "\($0.count)"]
    }
    guard names.count > 2, !rows.isEmpty else { return nil }
    return "<div class=\"card scroll pairs\"><p>Most frequent confusions</p>"
      + table(["true", "predicted", "pictures"], rows) + "</div>"
  }

  private var worstPictures: String? {
    guard let evaluation, !worst.isEmpty else { return nil }
    let names = evaluation.confusion.classNames
    let figures = worst.map { Self.figure($0, names) }
    return """
      <h2>Worst-predicted pictures</h2>
      <p>Those to which the network gives their true class the least probability.</p>
      <div class="pictures">
      \(figures.joined(separator: "\n"))
      </div>
      """
  }

  private static func figure(_ entry: ReportPicture, _ names: [String]) -> String {
    let picture = entry.picture
    let name = XMLText.escaped(picture.name)
    let image =
      entry.thumbnail.map { bytes in
        "<img loading=\"lazy\" alt=\"\(name)\" src=\"data:image/jpeg;base64,"
          + "\(Data(bytes).base64EncodedString())\">"
      } ?? "<div class=\"none\">not readable</div>"
    let file = picture.name.split(separator: "/").last.map(String.init) ?? picture.name
    let width = NumberText.fixed(100 * picture.predictedProbability, decimals: 1)
    return "<figure class=\"\(picture.isCorrect ? "right" : "wrong")\">\(image)<figcaption>"
      + "<b>\(XMLText.escaped(names[picture.predictedIndex]))</b> "
      + XMLText.escaped(percent(picture.predictedProbability))
      + "<div class=\"bar\"><i style=\"width:\(width)%\"></i></div>"
      + "true: \(XMLText.escaped(names[picture.classIndex])) "
      + XMLText.escaped(percent(picture.classProbability))
      + "<span class=\"name\" title=\"\(name)\">\(XMLText.escaped(file))</span></figcaption></figure>"
  }

  private var settingsTable: String? {
    guard !settings.isEmpty else { return nil }
    let rows = settings.map {
      "<tr><td>\(XMLText.escaped($0.name))</td><td>\(XMLText.escaped($0.value))</td></tr>"
    }
    return "<h2>Settings</h2>\n<div class=\"card\"><table class=\"settings\">"
      + rows.joined(separator: "\n") + "</table></div>"
  }

  private static func table(_ titles: [String], _ rows: [[String]]) -> String {
    let head = titles.map { "<th>\(XMLText.escaped($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr>" + row.map { "<td>\(XMLText.escaped($0))</td>" }.joined() + "</tr>"
    }
    return "<table><tr>\(head)</tr>\n\(body.joined(separator: "\n"))</table>"
  }

  /// `97.7 %`; a share that is not wholly 0 or 1 is not rounded to it.
  private static func percent(_ share: Double) -> String {
    if share > 0, share < 0.001 { return "<\u{A0}0.1\u{A0}%" }
    if share < 1, share > 0.999 { return ">\u{A0}99.9\u{A0}%" }
    return NumberText.fixed(100 * share, decimals: 1) + "\u{A0}%"
  }
}
