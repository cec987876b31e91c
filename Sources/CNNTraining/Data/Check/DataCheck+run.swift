public import CNNImage
internal import CNNSystem

extension DataCheck {
  /// Pictures that are looked at between two calls of the progress callback.
  private static let chunkSize = 256

  /// Looks at every picture of a data set. Nothing is thrown: what is wrong is a finding.
  ///
  /// - Parameters:
  ///   - depth: `headers` reads every file and decodes none.
  ///   - decoding: as it will be in training.
  ///   - threads: nil is one for each processor.
  ///   - progress: called with the number of pictures done since the last call.
  public init(
    of dataSet: DataSet, depth: Depth = .pixels, decoding: DecodingOptions = DecodingOptions(),
    threads: Int? = nil, progress: (Int) -> Void = { _ in }
  ) {
    let pictures = dataSet.pictures
    var checks: [PictureCheck] = []
    checks.reserveCapacity(pictures.count)
    for start in stride(from: 0, to: pictures.count, by: Self.chunkSize) {
      let chunk = pictures[start..<min(start + Self.chunkSize, pictures.count)]
      checks += Workers.map(
        count: chunk.count, threads: threads ?? Workers.availableProcessors
      ) { index in
        PictureCheck(chunk[chunk.startIndex + index].source, depth: depth, decoding: decoding)
      }
      progress(chunk.count)
    }
    self.init(checks, dataSet, depth)
  }

  private init(_ checks: [PictureCheck], _ dataSet: DataSet, _ depth: Depth) {
    let pictures = dataSet.pictures
    var findings: [PictureFinding] = []
    var firsts: [ContentHash: Int] = [:]
    var isUsable = [Bool](repeating: true, count: checks.count)
    for (index, check) in checks.enumerated() {
      func note(_ kind: PictureFinding.Kind, _ message: String) {
        let name = pictures[index].source.name
        findings.append(
          PictureFinding(index: index, picture: name, kind: kind, message: message))
      }
      for finding in check.findings {
        note(finding.kind, finding.message)
        if finding.kind.isBad { isUsable[index] = false }
      }
      guard isUsable[index], let hash = check.hash else { continue }
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
      depth: depth, count: checks.count, usable: isUsable.count { $0 },
      formats: Self.formats(checks), sizes: Sizes(checks.compactMap(\.size)),
      classes: Self.classes(dataSet, isUsable), findings: findings)
  }

  private static func formats(_ checks: [PictureCheck]) -> [String: Int] {
    checks.compactMap(\.format).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func classes(_ dataSet: DataSet, _ isUsable: [Bool]) -> [ClassCount] {
    let all = dataSet.countsByClass
    let usable = dataSet.selecting(isUsable.indices.filter { isUsable[$0] }).countsByClass
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
