extension CNNError {
  /// What the reader of an error can do about it.
  ///
  /// The text is a sentence in the library's own words: it names no flag and no command, because a
  /// program that uses the library has neither. Where the way out is something that a program can
  /// offer, `action` says which, and the program tells its users in its own words:
  ///
  ///     remedy: "Save it as PNG"
  ///     remedy: CNNError.Remedy("Put the file back, or start the run anew", action: .startFresh)
  public struct Remedy: Sendable, Hashable, Codable {
    /// A sentence without a full stop.
    public var text: String
    /// What a program can offer to its user, or nil.
    public var action: Action?

    /// A remedy from its text, a sentence without a full stop, and what a program can offer.
    public init(_ text: String, action: Action? = nil) {
      self.text = text
      self.action = action
    }

    /// What a program can offer to its user: a short, stable word. New ones are not source breaking.
    public struct Action: RawRepresentable, Sendable, Hashable, Codable {
      /// The word itself, such as `allow-truncated`.
      public var rawValue: String

      /// An action from its word.
      public init(rawValue: String) { self.rawValue = rawValue }
    }
  }
}

extension CNNError.Remedy.Action {
  /// Use the part of a picture that is there: `DecodingOptions.allowsTruncated`.
  public static let allowTruncated = Self(rawValue: "allow-truncated")
  /// Accept larger pictures: `DecodingOptions.maximumPixels`.
  public static let raisePixelLimit = Self(rawValue: "raise-pixel-limit")
  /// Use weights that are not finite numbers all the same.
  public static let allowNonFinite = Self(rawValue: "allow-non-finite")
  /// Say which network a weights file is for.
  public static let nameModel = Self(rawValue: "name-model")
  /// Say which names there are: the models of the catalogue.
  public static let listModels = Self(rawValue: "list-models")
  /// Say which names there are: the nodes of the error's network.
  public static let listNodes = Self(rawValue: "list-nodes")
  /// Name a weights file, since none was found in the usual places.
  public static let nameWeights = Self(rawValue: "name-weights")
  /// Name the weights that a model file was trained on.
  public static let nameBase = Self(rawValue: "name-base")
  /// Compute with another number format.
  public static let choosePrecision = Self(rawValue: "choose-precision")
  /// Go on without the pictures of a data set that cannot be read.
  public static let skipBadPictures = Self(rawValue: "skip-bad-pictures")
  /// Write the run into another folder.
  public static let nameAnotherRunFolder = Self(rawValue: "name-another-run-folder")
  /// Give the trained model another name.
  public static let nameAnotherModelFile = Self(rawValue: "name-another-model-file")
  /// Forget an earlier run in the same folder and begin anew.
  public static let startFresh = Self(rawValue: "start-fresh")
  /// Write the run into another folder, or forget the earlier one in this folder.
  public static let leaveEarlierRun = Self(rawValue: "leave-earlier-run")
  /// Store all parameters of the model, not only the trained ones.
  public static let storeWholeModel = Self(rawValue: "store-whole-model")
  /// Remove the files of the feature cache.
  public static let clearFeatureCache = Self(rawValue: "clear-feature-cache")
}

extension CNNError.Remedy: ExpressibleByStringInterpolation {
  /// A remedy that is a text alone.
  public init(stringLiteral text: String) { self.init(text) }
}

extension CNNError.Remedy: CustomStringConvertible {
  /// The text.
  public var description: String { text }
}
