import CNNKit
import CNNSystem
import CNNTraining

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
    case (.usage, .modelNeeded):
      error.remedy = "Add --model with the network's name; `cnn models` lists all"
    case (.weights, .baseNotFound):
      error.remedy = "The file holds only what was trained: name the rest with --base"
    case (.data, .badPictures):
      error.remedy = "Mend or remove them; --skip-bad leaves them out"
    default:
      break
    }
    return error
  }
}
