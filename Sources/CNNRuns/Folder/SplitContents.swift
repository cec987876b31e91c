internal import CNNSystem
internal import CNNTraining

/// The pictures of a split by what is in them, whatever their names.
struct SplitContents: Sendable {
  let split: DataSplit
  /// The training pictures' first.
  private let hashes: [ContentHash]

  /// Reads every picture's file.
  ///
  /// - Throws: as opening and reading the files.
  init(_ split: DataSplit, threads: Int) throws(CNNError) {
    let pictures = split.training.pictures + split.validation.pictures
    let results = Workers.map(count: pictures.count, threads: threads) { index in
      Result { () throws(CNNError) in try pictures[index].source.contentHash() }
    }
    var hashes: [ContentHash] = []
    for result in results { hashes.append(try result.get()) }
    self.split = split
    self.hashes = hashes
  }

  /// What a run remembers of its pictures.
  func manifest(hasGivenLists: Bool) -> RunManifest.Pictures {
    let pictures = split.training.pictures + split.validation.pictures
    let lines = zip(pictures, hashes).map { "\($0.classIndex) \($1)" }
    return RunManifest.Pictures(
      training: split.training.count, validation: split.validation.count,
      classes: split.training.classNames,
      fingerprint: ContentHash(of: Array(lines.joined(separator: "\n").utf8)).description,
      hasGivenLists: hasGivenLists)
  }

  /// A sentence each about pictures of two classes, and about validation pictures that are trained
  /// with too.
  var warnings: [String] { [ambiguous, shared].compactMap { $0 } }

  private var ambiguous: String? {
    let pictures = split.training.pictures + split.validation.pictures
    var first: [ContentHash: Int] = [:]
    let pairs = pictures.indices.compactMap { index -> (Int, Int)? in
      guard let other = first.updateValue(first[hashes[index]] ?? index, forKey: hashes[index])
      else { return nil }
      return pictures[other].classIndex == pictures[index].classIndex ? nil : (other, index)
    }
    guard let (one, other) = pairs.first else { return nil }
    let names = split.training.classNames
    func shown(_ index: Int) -> String {
      "\(pictures[index].source.name) as \(names[pictures[index].classIndex])"
    }
    return "\(pairs.count == 1 ? "1 picture is" : "\(pairs.count) pictures are") there in two "
      + "classes: \(shown(one)) and \(shown(other))"
  }

  private var shared: String? {
    let (training, validation) = (split.training, split.validation)
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
      + "validation promises too much (\(first.0) is the same as \(first.1)); `cnn data check` "
      + "lists them"
  }
}
