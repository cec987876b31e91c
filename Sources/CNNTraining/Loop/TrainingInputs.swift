package import CNNCore
package import CNNImage
package import CNNSystem

/// What the trained part of a network reads: features, or the pictures themselves.
package enum TrainingInputs: Sendable {
  /// Outputs of the last frozen node.
  case features(FeatureSet)
  /// Pictures, decoded and changed for every step anew.
  case pictures(Pictures)

  /// The inputs of some pictures.
  ///
  /// - Parameters:
  ///   - pictures: their positions in the data set.
  ///   - epoch: counted from 0; nil for the pictures unchanged, as in a validation.
  /// - Returns: `[pictures]` and the shape of one input.
  package func batch(_ pictures: [Int], epoch: Int?) throws(CNNError) -> Tensor {
    switch self {
    case .features(let features):
      // Each picture goes through its variants, and no two neighbours are at the same one.
      return try features.batch(
        pictures.map { ($0, variant($0, epoch, of: features.variants)) })
    case .pictures(let inputs):
      // Variant 1 would mirror all pictures of the first epoch.
      return try inputs.batch(pictures, variant: epoch.map { $0 + 2 } ?? 0)
    }
  }

  private func variant(_ picture: Int, _ epoch: Int?, of variants: Int) -> Int {
    epoch.map { ($0 + picture) % variants } ?? 0
  }
}

extension TrainingInputs {
  /// Pictures on their way into a network that is trained from its first layer on.
  package struct Pictures: Sendable {
    let pictures: [LabelledPicture]
    let changes: PictureChanges
    let preprocessing: Preprocessing
    let decoding: DecodingOptions
    let threads: Int

    package init(
      _ dataSet: DataSet, changes: PictureChanges, preprocessing: Preprocessing,
      decoding: DecodingOptions, threads: Int
    ) {
      pictures = dataSet.pictures
      self.changes = changes
      self.preprocessing = preprocessing
      self.decoding = decoding
      self.threads = threads
    }

    /// The inputs of the pictures at `indices`, each in one variant; 0 is the picture unchanged.
    func batch(_ indices: [Int], variant: Int) throws(CNNError) -> Tensor {
      let variant = changes.isNone ? 0 : variant
      let inputs = Workers.map(count: indices.count, threads: threads) { position in
        Result { () throws(CNNError) in
          let index = indices[position]
          let pixels = try pictures[index].source.decode(decoding).pixels
          return changes.input(
            for: pixels, preprocessing: preprocessing, variant: variant, picture: index)
        }
      }
      var rows: [Tensor] = []
      for input in inputs { rows.append(try input.get()) }
      return Tensor(rows: rows)
    }
  }
}
