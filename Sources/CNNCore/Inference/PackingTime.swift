/// When a plan puts the weights of convolutions into the order in which its kernels read them.
public enum PackingTime: String, Sendable, Hashable, CaseIterable {
  /// When it is made, and keeps them: each run is as fast as can be. For VGG16 they take 236 MB.
  case ahead
  /// In each run, a few output channels at a time in memory that is used again: a plan that is run
  /// once is done sooner, and takes little memory.
  case eachRun
}
