import CNNImage
import CNNSystem
import SystemPackage

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Preprocessing {
  /// The preset of that name, or what the JSON file of that name says.
  ///
  /// - Throws: `unknown` where it is neither; a `data` error for a file that cannot be used.
  init(presetOrFile text: String) throws(CNNError) {
    if let preset = Self.presets.first(where: { $0.key == text }) {
      self = preset.value
      return
    }
    guard text.hasSuffix(".json") else {
      self = try .preset(named: text)
      return
    }
    let path = FilePath(bytes: RawArguments.decode(text))
    let bytes = try InputFile(path, domain: .data).read(limit: 1 << 20)
    do {
      self = try JSONDecoder().decode(Preprocessing.self, from: Data(bytes.array))
    } catch let error as CNNError {
      throw error.about(path.displayName)
    } catch {
      throw CNNError(
        .data, .corrupt, "this is no description of a preprocessing", subject: path.displayName,
        found: "\(error)")
    }
  }
}
