import CNNImage
import CNNTraining
import Foundation
import CNNCore
import Testing

@testable import CNNRuns

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct DrawingTests {
  private func coverage(_ polygons: [[(Double, Double)]], side: Int) -> [[Double]] {
    let points = polygons.map { $0.map { Point(x: $0.0, y: $0.1) } }
    var rows = [[Double]](repeating: [Double](repeating: 0, count: side), count: side)
    guard let mask = CoverageMask(points, width: side, height: side) else { return rows }
    for row in mask.rows {
      for (column, value) in zip(mask.columns, mask.coverage(row: row)) {
        rows[row][column] = Double(value)
      }
    }
    return rows
  }

  private func expectEqual(
    _ found: [[Double]], _ expected: [[Double]], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (a, b) in zip(found.joined(), expected.joined()) {
      // Sums of a few Float32 areas.
      #expect(abs(a - b) < 1e-5, "\(found)", sourceLocation: sourceLocation)
    }
  }

  @Test func pixelsAreCoveredByTheirArea() {
    expectEqual(
      coverage([[(0.5, 0.25), (2.25, 0.25), (2.25, 2), (0.5, 2)]], side: 3),
      [[0.375, 0.75, 0.1875], [0.5, 1, 0.25], [0, 0, 0]])
    // The half below a diagonal, in both directions of travel.
    let half = [[0.5, 0, 0], [1, 0.5, 0], [1, 1, 0.5]]
    expectEqual(coverage([[(0, 0), (3, 3), (0, 3)]], side: 3), half)
    expectEqual(coverage([[(0, 3), (3, 3), (0, 0)]], side: 3), half)
    // A hole runs the other way; two shapes on top of each other cover no more than one.
    let square = [(0.0, 0.0), (3, 0), (3, 3), (0, 3)]
    expectEqual(
      coverage([square, [(1, 1), (1, 2), (2, 2), (2, 1)]], side: 3),
      [[1, 1, 1], [1, 0, 1], [1, 1, 1]])
    expectEqual(
      coverage([square, square], side: 3), [[Double]](repeating: [1, 1, 1], count: 3))
    // What lies outside is cut off.
    expectEqual(
      coverage([[(-9, -9), (1.5, -9), (1.5, 9), (-9, 9)]], side: 3),
      [[Double]](repeating: [1, 0.5, 0], count: 3))
    expectEqual(
      coverage([[(2, 1), (8, 1), (8, 2), (2, 2)]], side: 3), [[0, 0, 0], [0, 0, 1], [0, 0, 0]])
  }

  /// The area of a polygon of any slope, against the shoelace formula.
  @Test(arguments: 0..<40)
  func areasAddUp(seed: UInt64) {
    let numbers = RandomNumbers(seed: seed, purpose: .split)
    let corners = (0..<3).map { (1 + 18 * numbers.uniform($0), 1 + 18 * numbers.uniform($0 + 9)) }
    let area = (0..<3).reduce(0.0) { sum, index in
      let (a, b) = (corners[index], corners[(index + 1) % 3])
      return sum + (a.0 * b.1 - b.0 * a.1) / 2
    }
    let found = coverage([corners], side: 20).joined().reduce(0, +)
    #expect(abs(found - abs(area)) < 1e-3)
  }

  @Test func textHasItsWidth() {
    // Advances of Roboto Regular: H 1460, i 497 of 2048 units; the table has 1000.
    #expect(abs(PlotFont.width(of: "Hi", size: 2048) - 1957) < 3)
    #expect(PlotFont.fitting("a long name", size: 12, width: 1000) == "a long name")
    let short = PlotFont.fitting("a long name", size: 12, width: 40)
    #expect(
      short.hasPrefix("a") && short.contains("…") && short.hasSuffix("e")
        && PlotFont.width(of: short, size: 12) <= 40)
    // A letter without an outline is a box, not a gap.
    #expect(
      PlotFont.polygons(of: "漢", .init(at: Point(x: 0, y: 0), size: 10)).count == 2)
  }

  @Test(
    arguments: [
      (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (0.13, 0.87, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (93.1, 99.2, ["92", "94", "96", "98", "100"]),
      (0.0012, 0.0031, ["0.0010", "0.0015", "0.0020", "0.0025", "0.0030", "0.0035"]),
      (0, 123_456, ["0", "50000", "100000", "150000"]),
    ] as [(Double, Double, [String])])
  func ticksAreRound(low: Double, high: Double, expected: [String]) {
    let scale = TickScale(low...high)
    #expect(scale.ticks.map(scale.text) == expected)
    #expect(scale.range.lowerBound <= low && scale.range.upperBound >= high)
  }

  @Test(
    arguments: [
      (1, 1, ["1"]), (1, 4, ["1", "2", "3", "4"]), (7, 8, ["7", "8"]),
      (1, 100, ["10", "20", "30", "40", "50", "60", "70", "80", "90", "100"]),
    ] as [(Double, Double, [String])])
  func ticksOfEpochsAreWholeNumbers(low: Double, high: Double, expected: [String]) {
    let scale = TickScale(whole: low...high, count: 12)
    #expect(scale.ticks.map(scale.text) == expected)
    #expect(scale.range == low...high)
  }

  /// Both writers take every chart, also the ones of nothing, of one epoch, and of bad numbers.
  @Test(arguments: [0, 1, 3, 200])
  func everyChartIsWritten(epochs: Int) throws {
    let records = (0..<epochs).map { epoch in
      LogRecord(
        step: epoch, epoch: epoch + 1, kind: .epoch,
        loss: epoch == 1 ? .nan : 1 / Double(epoch + 1),
        accuracy: 0.5, validationLoss: 0.25, validationAccuracy: epoch == 2 ? 0.75 : 0.5,
        learningRate: 0.1, seconds: 1)
    }
    let plots = TrainingPlots(records)
    var matrix = ConfusionMatrix(classNames: (0..<max(1, epochs)).map { "<class \($0)>" })
    matrix.add(classIndex: 0, predictedIndex: 0)
    for drawing in [plots.loss, plots.accuracy, ConfusionChart(matrix: matrix).drawing] {
      let pixels = try drawing.pixels(scale: 1)
      #expect(pixels.width == Int(drawing.width.rounded(.up)))
      #expect(Set(pixels.bytes).count > 10)
      for svg in [drawing.svg(), drawing.svg(.page)] {
        #expect(XMLParser(data: Data(svg.utf8)).parse())
        #expect(!svg.contains("nan") && !svg.contains("inf"))
      }
    }
  }

  @Test func encodedPicturesAreReadBack() throws {
    let pixels = try Pixels(
      width: 61, height: 33, rgb: (0..<61 * 33 * 3).map { UInt8(truncatingIfNeeded: $0 / 40) })
    let decoder = PictureDecoder()
    let png = try decoder.decode(.init(copying: pixels.png))
    #expect(png.pixels == pixels && png.format == .png && png.warnings.isEmpty)
    let jpeg = try decoder.decode(.init(copying: pixels.jpeg(quality: 95)))
    #expect(jpeg.format == .jpeg && jpeg.pixels.size == pixels.size && jpeg.warnings.isEmpty)
    // Smooth content at quality 95; chroma is halved, and the picture wraps from white to black.
    let differences = zip(jpeg.pixels.bytes, pixels.bytes).map { abs(Int($0) - Int($1)) }
    #expect(Double(differences.reduce(0, +)) / Double(differences.count) < 4)
    #expect(pixels.jpeg(quality: 20).count < pixels.jpeg(quality: 95).count)
  }
}
