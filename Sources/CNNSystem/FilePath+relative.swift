internal import CNNPlatform
package import SystemPackage

extension FilePath {
  /// The absolute path without symbolic links; nil where nothing is there.
  package var real: FilePath? {
    withPlatformString { name in
      guard let real = realpath(name, nil) else { return nil }
      defer { free(real) }
      return FilePath(platformString: real)
    }
  }

  /// How this file is reached from `folder`, such as `../weights/resnet18.pth`; both exist. The path
  /// itself where that cannot be told.
  package func relative(to folder: FilePath) -> FilePath {
    let start = folder.isEmpty ? FilePath(".") : folder
    guard let target = real, let base = start.real, target.root == base.root else { return self }
    let (targets, bases) = (Array(target.components), Array(base.components))
    let shared = zip(targets, bases).prefix { $0 == $1 }.count
    var path = FilePath()
    for _ in bases[shared...] { path.append("..") }
    for component in targets[shared...] { path.append(component) }
    return path
  }
}
