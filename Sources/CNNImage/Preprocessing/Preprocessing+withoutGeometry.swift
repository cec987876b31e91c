extension Preprocessing {
  /// The same channels and numbers for pictures that have the input's size already: nothing is
  /// resized or cropped.
  package var withoutGeometry: Preprocessing {
    Preprocessing(
      unchecked: .squash(inputSize), resampling: resampling,
      stretchesContrast: stretchesContrast, channels: channels, divisor: divisor, mean: mean,
      standardDeviation: standardDeviation)
  }
}
