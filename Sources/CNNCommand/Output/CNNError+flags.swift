import CNNSystem

extension CNNError {
  /// The same error with the flag that helps, where there is one: the libraries know no flags.
  var inTermsOfFlags: CNNError {
    var error = self
    switch (domain, code) {
    case (.picture, .truncated) where expected != nil && found != "none of the rows":
      error.remedy = "--allow-truncated uses what is there"
    case (.picture, .tooManyPixels):
      error.remedy = "Make it smaller, or raise --max-pixels where you trust it"
    case (.weights, .notFinite):
      error.remedy = "Fetch the file again; --allow-nonfinite uses it as it is"
    default:
      break
    }
    return error
  }
}
