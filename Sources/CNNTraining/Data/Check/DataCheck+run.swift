public import CNNImage
internal import CNNSystem

extension DataCheck {
  /// Pictures that are checked between two calls of the progress callback.
  private static let chunkSize = 256

  /// Reads every picture of a data set. Nothing is thrown: what is wrong is a finding.
  ///
  /// - Parameters:
  ///   - dataSet: the pictures.
  ///   - depth: `headers` reads every file and decodes none.
  ///   - decoding: as it will be in training.
  ///   - threads: nil for what `CNN_THREADS` says, or one for each processor.
  ///   - progress: called with the number of pictures done since the last call.
  public init(
    of dataSet: DataSet, depth: Depth = .pixels, decoding: DecodingOptions = DecodingOptions(),
    threads: Int? = nil, progress: (Int) -> Void = { _ in }
  ) {
    self =
      Self.run(
        on: dataSet, depth: depth, decoding: decoding, threads: threads, progress: progress
      ).check
  }

  /// The same, and the data set without its bad pictures; the others know the hashes of their
  /// contents, so that the files need not be read again for these.
  package static func run(
    on dataSet: DataSet, depth: Depth = .pixels, decoding: DecodingOptions, threads: Int?,
    progress: (Int) -> Void = { _ in }
  ) -> (check: DataCheck, usable: DataSet) {
    let pictures = dataSet.pictures
    var checks: [PictureCheck] = []
    checks.reserveCapacity(pictures.count)
    Workers.forEachBatchMadeAhead(
      of: pictures, batchSize: chunkSize, threads: threads ?? Workers.defaultCount,
      make: { PictureCheck($0.source, depth: depth, decoding: decoding) }
    ) { batch, made in
      checks += made
      progress(batch.count)
    }
    let usable = zip(pictures, checks).filter { $1.isUsable }.map { picture, check in
      LabelledPicture(picture.source, classIndex: picture.classIndex, hash: check.hash)
    }
    return (
      DataCheck(checks, dataSet, depth), DataSet(classNames: dataSet.classNames, pictures: usable)
    )
  }

  private init(_ checks: [PictureCheck], _ dataSet: DataSet, _ depth: Depth) {
    let pictures = dataSet.pictures
    var findings: [PictureFinding] = []
    var firsts: [ContentHash: Int] = [:]
    for (index, check) in checks.enumerated() {
      func note(_ kind: PictureFinding.Kind, _ message: String) {
        let name = pictures[index].source.name
        findings.append(
          PictureFinding(index: index, picture: name, kind: kind, message: message))
      }
      for finding in check.findings { note(finding.kind, finding.message) }
      guard check.isUsable, let hash = check.hash else { continue }
      guard let first = firsts[hash] else {
        firsts[hash] = index
        continue
      }
      let (other, classIndex) = (pictures[first], pictures[index].classIndex)
      if other.classIndex == classIndex {
        note(.duplicate, "the same as \(other.source.name)")
      } else {
        let names = dataSet.classNames
        note(
          .contradiction,
          "the same as \(other.source.name), but \(names[classIndex]) here and "
            + "\(names[other.classIndex]) there")
      }
    }
    self.init(
      depth: depth, count: checks.count, usable: checks.count { $0.isUsable },
      formats: Self.formats(checks), sizes: Sizes(checks.compactMap(\.size)),
      classes: Self.classes(dataSet, checks), findings: findings)
  }

  private static func formats(_ checks: [PictureCheck]) -> [String: Int] {
    checks.compactMap(\.format).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func classes(_ dataSet: DataSet, _ checks: [PictureCheck]) -> [ClassCount] {
    let all = dataSet.countsByClass
    let usable = dataSet.selecting(checks.indices.filter { checks[$0].isUsable }).countsByClass
    return dataSet.classNames.indices.map {
      ClassCount(name: dataSet.classNames[$0], pictures: all[$0], usable: usable[$0])
    }
  }
}

extension DataCheck.Sizes {
  /// Nil without any size.
  fileprivate init?(_ sizes: [(width: Int, height: Int)]) {
    guard
      let minimumWidth = sizes.map(\.width).min(), let maximumWidth = sizes.map(\.width).max(),
      let minimumHeight = sizes.map(\.height).min(), let maximumHeight = sizes.map(\.height).max()
    else { return nil }
    self.init(
      minimumWidth: minimumWidth, minimumHeight: minimumHeight, maximumWidth: maximumWidth,
      maximumHeight: maximumHeight)
  }
}
