internal import CNNSystem
internal import CNNTraining
internal import SystemPackage

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// `run.json`: what a run was started with. A run is resumed only with the same.
struct RunManifest: Sendable, Hashable, Codable {
  /// The pictures.
  struct Pictures: Sendable, Hashable, Codable {
    /// Pictures to train with.
    var training: Int
    /// Pictures to validate on.
    var validation: Int
    /// The classes in index order.
    var classes: [String]
    /// Hash of every picture's content and class.
    var fingerprint: String
    /// Whether the lists of the split lay in the folder before the run, which otherwise made them.
    var hasGivenLists: Bool

    /// What is remembered of a split.
    ///
    /// - Throws: as opening and reading files whose hashes are not known.
    init(_ split: DataSplit, hasGivenLists: Bool) throws(CNNError) {
      training = split.training.count
      validation = split.validation.count
      classes = split.training.classNames
      fingerprint = try split.fingerprint()
      self.hasGivenLists = hasGivenLists
    }
  }

  /// The command line, for people; not compared.
  var command: String
  /// All settings.
  var settings: FineTuningSettings
  /// The pretrained weights; where they came from is for people and not compared.
  var base: TransferredNetwork.Base
  /// The pictures.
  var data: Pictures

  /// Lines such as `settings.epochs: 10 in the run, 20 now`, for everything that decides the result
  /// and differs; of pictures in words.
  func differences(to now: RunManifest) -> [String] {
    let (old, new) = (comparable.leaves, now.comparable.leaves)
    return Set(old.keys).union(new.keys).sorted().compactMap { key in
      guard old[key] != new[key] else { return nil }
      if key == "data.fingerprint" { return "data: pictures or their classes have changed" }
      return "\(key): \(old[key] ?? "none") in the run, \(new[key] ?? "none") now"
    }
  }

  private var comparable: RunManifest {
    var copy = self
    copy.command = ""
    copy.base.weights = ""
    return copy
  }

  private var leaves: [String: String] {
    guard let tree = try? JSONDecoder().decode(JSONTree.self, from: Data(json)) else {
      preconditionFailure("JSON that was just written can be read")
    }
    return tree.leaves
  }

  /// The manifest as JSON, its keys in alphabetical order.
  var json: [UInt8] {
    CanonicalJSON.encode(self, isIndented: true)
  }

  /// Writes the manifest. Throws `cannotWrite`.
  func write(to path: FilePath) throws(CNNError) {
    try AtomicFile.write(json + [0x0A], to: path)
  }

}

extension RunManifest {
  /// Reads a manifest; nil where there is none.
  ///
  /// - Throws: a `data` error where it cannot be read.
  init?(contentsOf path: FilePath) throws(CNNError) {
    let bytes: [UInt8]
    do {
      bytes = try InputFile(path, domain: .data).read(limit: 16 << 20).array
    } catch {
      if error.code == .notFound { return nil }
      throw error
    }
    do {
      self = try JSONDecoder().decode(RunManifest.self, from: Data(bytes))
    } catch {
      throw CNNError(
        .data, .corrupt, "this is not the record of a run", subject: path.displayName,
        remedy: CNNError.Remedy("Start the run anew", action: .startFresh))
    }
  }
}

/// JSON of any form, to be compared leaf by leaf.
private enum JSONTree: Decodable {
  case object([String: JSONTree])
  case list([JSONTree])
  case leaf(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let object = try? container.decode([String: JSONTree].self) {
      self = .object(object)
    } else if let list = try? container.decode([JSONTree].self) {
      self = .list(list)
    } else if let bool = try? container.decode(Bool.self) {
      self = .leaf("\(bool)")
    } else if let whole = try? container.decode(UInt64.self) {
      self = .leaf("\(whole)")
    } else if let whole = try? container.decode(Int64.self) {
      self = .leaf("\(whole)")
    } else if let number = try? container.decode(Double.self) {
      self = .leaf("\(number)")
    } else {
      self = .leaf((try? container.decode(String.self)) ?? "none")
    }
  }

  /// The leaves by their paths, such as `settings.schedule.base`.
  var leaves: [String: String] {
    switch self {
    case .leaf(let text): return ["": text]
    case .object(let members): return Self.joined(members.map { ($0.key, $0.value) })
    case .list(let items): return Self.joined(items.enumerated().map { ("\($0)", $1) })
    }
  }

  private static func joined(_ members: [(String, JSONTree)]) -> [String: String] {
    members.reduce(into: [:]) { all, member in
      for (path, text) in member.1.leaves {
        // What an enumeration's case holds has no name.
        let parts = [member.0, path].filter { !$0.isEmpty && $0 != "_0" }
        all[parts.joined(separator: ".")] = text
      }
    }
  }
}
