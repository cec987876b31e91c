import Foundation
import RegexBuilder
import Testing

/// What the pages of the documentation say about files is true.
@Suite struct ArchitecturePageTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Every path on the page: it begins with a target or a top folder. `{a,b}` stands for two paths,
  /// `*` and `<Verb>` for any name.
  static func paths(in page: String) -> [String] {
    let folder = #/\b(?:CNN[A-Za-z]+|Sources|Scripts|Tests|Examples|Benchmarks|Weights|Service)/#
    let rest = #/\/[A-Za-z0-9_+.\/{},*<>-]*/#
    return page.matches(
      of: Regex {
        folder; rest
      }
    ).flatMap { match in
      var path = String(match.output)
      while let last = path.last, ".,".contains(last) { path.removeLast() }
      return alternatives(path.replacing(#/<[A-Za-z]+>/#, with: "*"))
    }
  }

  private static func alternatives(_ path: String) -> [String] {
    guard let match = path.firstMatch(of: #/\{([^}]*)\}/#) else { return [path] }
    return match.1.split(separator: ",").flatMap {
      alternatives(path.replacingCharacters(in: match.range, with: $0))
    }
  }

  /// Whether a file or folder of this path is there, below the root or below Sources.
  static func exists(_ path: String) -> Bool {
    [root, root.appending(path: "Sources")].contains { start in
      var folders = [start]
      for part in path.split(separator: "/") {
        folders = folders.flatMap { folder in
          guard part.contains("*") else { return [folder.appending(path: String(part))] }
          let ends = part.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
          let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
          return names.filter { $0.hasPrefix(ends[0]) && $0.hasSuffix(ends[1]) }
            .map { folder.appending(path: $0) }
        }
      }
      return folders.contains { FileManager.default.fileExists(atPath: $0.path) }
    }
  }

  /// The pages, each with a number of paths that it has at least, so that no test passes for want
  /// of paths.
  @Test(arguments: [
    ("ARCHITECTURE.md", 40), ("CONTRIBUTING.md", 15), ("README.md", 5),
    ("Documentation/Accuracy.md", 2), ("Documentation/Benchmarks.md", 4),
    ("Sources/CNNCore/CNNCore.docc/AddANetwork.md", 4),
    ("Sources/CNNCore/CNNCore.docc/HowAConvolutionRuns.md", 3),
  ]) func everyPathExists(_ name: String, least: Int) throws {
    let page = try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
    let paths = Self.paths(in: page)
    #expect(paths.count >= least)
    for path in paths { #expect(Self.exists(path), "\(path)") }
  }

  @Test func pathsAreFoundInText() {
    let text = "See `CNNCore/Layers/ReLU.swift`, CNNKit/{A,B}/*.swift, `CNNCommand/<Verb>`. No/path"
    #expect(
      Self.paths(in: text)
        == ["CNNCore/Layers/ReLU.swift", "CNNKit/A/*.swift", "CNNKit/B/*.swift", "CNNCommand/*"])
    #expect(Self.exists("CNNCore/Layers/ReLU.swift") && Self.exists("Scripts/fixtures/*.py"))
    #expect(!Self.exists("CNNCore/Layers/Wave.swift") && !Self.exists("Scripts/fixtures/*.none"))
  }
}
