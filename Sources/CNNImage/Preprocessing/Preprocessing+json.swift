public import CNNSystem
public import SystemPackage

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension Preprocessing {
  /// The largest file that is read as a description, in bytes.
  private static let maximumFileSize = 1 << 20

  /// A preprocessing from a JSON file.
  ///
  /// - Throws: `data` errors that name the file: as for `init(json:)`, and `notFound`, `unreadable`,
  ///   `empty` or `tooLarge` (above one megabyte).
  public init(contentsOf path: FilePath) throws(CNNError) {
    let bytes = try InputFile(path, domain: .data).read(limit: Self.maximumFileSize)
    do {
      try self.init(json: bytes.array)
    } catch {
      throw error.about(path.displayName)
    }
  }

  /// A preprocessing from JSON in the form that `Preprocessing` shows.
  ///
  /// - Throws: `data` errors: `corrupt` for what is no JSON or has another form, `unknown` for keys
  ///   and words that are not known, and as the memberwise initialiser. Each says which key, what
  ///   is expected, and gives an example.
  public init(json: some Collection<UInt8>) throws(CNNError) {
    do {
      self = try JSONDecoder().decode(Preprocessing.self, from: Data(json))
    } catch var error as CNNError {
      error.domain = .data
      error.remedy = error.remedy.map { "\($0). \(Self.remedy)" } ?? Self.remedy
      throw error
    } catch {
      throw CNNError(
        .data, .corrupt, "preprocessing: this is not valid JSON", remedy: Self.remedy)
    }
  }

  private static let remedy: CNNError.Remedy = """
    A valid one is {"resize": {"shortSide": 256}, "resampling": "bilinear, antialiased", \
    "centreCrop": {"height": 224, "width": 224}, "channels": "RGB", "divisor": 255, \
    "mean": [0.485, 0.456, 0.406], "standardDeviation": [0.229, 0.224, 0.225]}
    """
}
