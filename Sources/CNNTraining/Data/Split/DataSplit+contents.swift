public import CNNSystem

/// A split by what is in its pictures, whatever their names.
extension DataSplit {
  /// The same split, whose pictures know the hashes of their contents from now on.
  ///
  /// - Throws: as opening and reading the files of those that did not.
  package func hashed(threads: Int) throws(CNNError) -> DataSplit {
    DataSplit(
      training: try training.hashed(threads: threads),
      validation: try validation.hashed(threads: threads))
  }

  /// All pictures, those to train with first.
  private var pictures: [LabelledPicture] { training.pictures + validation.pictures }

  /// A hash of every picture's class and content, in their order.
  ///
  /// - Throws: as opening and reading files whose hashes are not known.
  package func fingerprint() throws(CNNError) -> String {
    var lines: [String] = []
    for picture in pictures { lines.append("\(picture.classIndex) \(try picture.contentHash())") }
    return ContentHash(of: Array(lines.joined(separator: "\n").utf8)).description
  }

  /// What is odd about the contents, with a remedy where there is one: pictures of two classes, and about validation pictures that are trained
  /// with too.
  ///
  /// - Throws: as opening and reading files whose hashes are not known.
  package func warnings() throws(CNNError) -> [(text: String, remedy: CNNError.Remedy?)] {
    var hashes: [ContentHash] = []
    for picture in pictures { hashes.append(try picture.contentHash()) }
    let check = CNNError.Remedy("A check of the data lists them", action: .checkData)
    return [(ambiguous(hashes), nil), (shared(hashes), check)].compactMap { text, remedy in
      text.map { ($0, remedy) }
    }
  }

  private func ambiguous(_ hashes: [ContentHash]) -> String? {
    let pictures = pictures
    var first: [ContentHash: Int] = [:]
    let pairs = pictures.indices.compactMap { index -> (Int, Int)? in
      guard let other = first.updateValue(first[hashes[index]] ?? index, forKey: hashes[index])
      else { return nil }
      return pictures[other].classIndex == pictures[index].classIndex ? nil : (other, index)
    }
    guard let (one, other) = pairs.first else { return nil }
    let names = training.classNames
    func shown(_ index: Int) -> String {
      "\(pictures[index].source.name) as \(names[pictures[index].classIndex])"
    }
    return "\(pairs.count == 1 ? "1 picture is" : "\(pairs.count) pictures are") there in two "
      + "classes: \(shown(one)) and \(shown(other))"
  }

  private func shared(_ hashes: [ContentHash]) -> String? {
    let trained = Dictionary(
      zip(hashes, training.pictures.map(\.source.name))
    ) { first, _ in first }
    let shared = validation.pictures.indices.compactMap { index in
      trained[hashes[training.count + index]].map {
        (validation.pictures[index].source.name, $0)
      }
    }
    guard let first = shared.first else { return nil }
    return "\(shared.count) of \(validation.count) validation pictures are trained with too, so "
      + "validation promises too much (\(first.0) is the same as \(first.1))"
  }
}

extension CNNError.Remedy.Action {
  /// Check a data set, which lists its duplicate pictures.
  public static let checkData = Self(rawValue: "check-data")
}
