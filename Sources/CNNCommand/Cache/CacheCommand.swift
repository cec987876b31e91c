import ArgumentParser

/// `cnn cache`: the features that training keeps on disk.
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "List or remove the features of frozen layers that training keeps on disk.",
    discussion: """
      EXAMPLES
        cnn cache
        cnn cache clear --older-than 30

      They lie in $CNN_CACHE, or in swift-cnn/features below the user's folder of
      caches, and serve every run with the same weights, layer, preprocessing and
      pictures. What is removed is computed again when a run needs it.
      """,
    subcommands: [CacheListCommand.self, CacheClearCommand.self],
    defaultSubcommand: CacheListCommand.self)
}
