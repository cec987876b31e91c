import ArgumentParser
import CNNImage
import CNNKit
import CNNSystem
import CNNTraining
import SystemPackage

/// A part of a data set that is split.
enum DataPart: String, CaseIterable, ExpressibleByArgument {
  case train, validation, test, all
}

/// The pictures that a model is evaluated on.
struct EvaluationData {
  /// The path of the data set; printable.
  let name: String
  /// The pictures, whose classes are numbered as the model's outputs are.
  let pictures: [LabelledPicture]
  /// Whether their classes are known.
  let isLabelled: Bool

  /// The number of pictures.
  var count: Int { pictures.count }

  /// Finds the pictures at `path`; notes on standard error say what was found.
  ///
  /// - Parameters:
  ///   - path: a data set, or with `allowsUnlabelled` any folder of pictures.
  ///   - part: the part of a data set that is split; nil for the usual one.
  ///   - labels: those of the model.
  ///   - allowsUnlabelled: whether pictures of unknown classes are accepted.
  /// - Throws: a `data` error for what is no data set, and for classes that the model does not know.
  init(
    at path: FilePath, part: DataPart?, labels: LabelSet, allowsUnlabelled: Bool
  ) throws(CNNError) {
    name = path.displayName
    do {
      let source = try DataSource(at: path)
      Diagnostics.note("\(source)")
      for note in source.notes { Diagnostics.note(note) }
      pictures = try Self.chosen(part, of: source).matched(to: labels).pictures
      isLabelled = true
    } catch {
      guard allowsUnlabelled, error.code == .unknown, Folder.exists(at: path), part == nil else {
        throw error.about(name)
      }
      pictures = try Folder.files(below: path, domain: .data)
        .filter { PictureFormat.isCandidate($0) }
        .map { LabelledPicture(.file($0), classIndex: 0) }
      isLabelled = false
      Diagnostics.note("\(name): \(pictures.count) pictures, whose classes are not known")
    }
  }

  private static func chosen(
    _ part: DataPart?, of source: DataSource
  ) throws(CNNError) -> DataSet {
    let usual: DataPart =
      source.validation != nil ? .validation : source.test != nil ? .test : .all
    let part = part ?? usual
    let dataSet: DataSet? =
      switch part {
      case .train: source.training
      case .validation: source.validation
      case .test: source.test
      case .all: source.all
      }
    guard let dataSet else {
      throw CNNError(
        .data, .notFound, "the data set has no part \(part.rawValue)",
        subject: source.path.displayName)
    }
    if source.validation != nil || source.test != nil {
      Diagnostics.note("evaluated: \(part.rawValue), \(dataSet.count) pictures")
    }
    return dataSet
  }
}
