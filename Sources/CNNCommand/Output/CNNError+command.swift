import CNNSystem
import CNNTraining
import CNNWeights

extension CNNError {
  /// The same error with its remedy in the command's words: the libraries know no flags.
  var inWordsOfTheCommand: CNNError {
    guard let remedy, let action = remedy.action else { return self }
    var error = self
    error.remedy = CNNError.Remedy(
      remedy.words(for: action, subject: subject), action: action)
    return error
  }
}

extension CNNError.Remedy {
  /// The remedy of a warning in the command's words.
  var inWordsOfTheCommand: String { action.map { words(for: $0, subject: nil) } ?? text }

  /// The flag or command behind each action, in a sentence of its own or after the library's.
  fileprivate func words(for action: Action, subject: String?) -> String {
    switch action {
    case .allowTruncated: "--allow-truncated uses what is there"
    case .raisePixelLimit: "Make it smaller, or raise --max-pixels where you trust it"
    case .allowNonFinite: "Fetch the file again; --allow-nonfinite uses it as it is"
    case .nameModel: "Add --model with the network's name; `cnn models` lists all"
    case .listModels: "`cnn models` lists all"
    case .listNodes: "`cnn summary --model \(subject ?? "NAME")` lists all"
    case .nameWeights:
      "Name a file with --weights, put one of these there, or try --random-weights 1"
    case .nameBase: "The file holds only what was trained: name the rest with --base"
    case .chooseWeightsEntry: "\(text) (--weights-entry)"
    case .choosePrecision: "\(text) (--precision)"
    case .skipBadPictures: "Mend or remove them; --skip-bad leaves them out"
    case .nameAnotherRunFolder: "\(text) (--run)"
    case .nameAnotherModelFile: "\(text) (--run, --name)"
    case .startFresh: "\(text) (--fresh)"
    case .leaveEarlierRun: "\(text) (--run, --fresh)"
    case .storeWholeModel: "\(text): leave --head-only out"
    case .checkData: "`cnn data check` lists them"
    case .keepRunningStatistics: "--batch-norm running keeps it"
    case .clearFeatureCache: "`cnn cache clear` removes all files of features"
    default: text
    }
  }
}
