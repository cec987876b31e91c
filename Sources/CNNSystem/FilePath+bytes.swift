internal import CNNPlatform
public import SystemPackage

extension FilePath {
  /// The path of exactly these bytes, none of which is zero.
  public init(bytes: some Sequence<UInt8>) {
    let characters = bytes.map { CInterop.PlatformChar(bitPattern: $0) } + [0]
    self = characters.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
    }
  }
}

extension FilePath {
  /// The bytes of the path, without the zero at its end.
  package var rawBytes: [UInt8] {
    withPlatformString { start in
      UnsafeBufferPointer(start: start, count: length).map { UInt8(bitPattern: $0) }
    }
  }

  /// The last component alone, or the empty path.
  package var lastName: FilePath {
    lastComponent.map { FilePath(root: nil, [$0]) } ?? FilePath()
  }
}

extension FilePath {
  /// The absolute path without symbolic links; nil where nothing is there.
  package var real: FilePath? {
    withPlatformString { name in
      guard let real = realpath(name, nil) else { return nil }
      defer { free(real) }
      return FilePath(platformString: real)
    }
  }

  /// How this file is reached from `folder`, such as `../weights/resnet18.pth`; both exist. Where that
  /// cannot be found out, the path itself.
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
