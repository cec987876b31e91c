extension Optional {
  /// The value, or what `otherwise` makes; like `??`, but errors keep their type.
  package func or<Failure: Error>(
    _ otherwise: () throws(Failure) -> Wrapped
  ) throws(Failure) -> Wrapped {
    if let self { self } else { try otherwise() }
  }
}
