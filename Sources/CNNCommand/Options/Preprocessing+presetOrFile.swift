import CNNImage
import CNNSystem
import SystemPackage

extension Preprocessing {
  /// The preset of that name, or what the JSON file of that name says.
  ///
  /// - Throws: `unknown` where it is neither; a `data` error for a file that cannot be used.
  init(presetOrFile text: String) throws(CNNError) {
    if text.hasSuffix(".json"), !Self.presets.contains(where: { $0.key == text }) {
      try self.init(contentsOf: FilePath(bytes: RawArguments.decode(text)))
    } else {
      self = try .preset(named: text)
    }
  }
}
