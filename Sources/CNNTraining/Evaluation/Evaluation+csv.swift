internal import CNNSystem

extension Evaluation {
  /// Comma-separated values: a header and a line for each picture, in the order of the evaluation: its file, its class, the
  /// predicted class, the probabilities of the two, and whether they agree.
  public var csv: String {
    let names = confusion.classNames
    var lines = ["file,label,predicted,label_probability,predicted_probability,correct"]
    for picture in pictures {
      lines.append(
        CSVLine.text([
          picture.name, names[picture.classIndex], names[picture.predictedIndex],
          "\(picture.classProbability)", "\(picture.predictedProbability)",
          picture.isCorrect ? "1" : "0",
        ]))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
