internal import SystemPackage

extension FilePath {
  /// The bytes of the path, without the zero at its end.
  var rawBytes: [UInt8] {
    withPlatformString { start in
      UnsafeBufferPointer(start: start, count: length).map { UInt8(bitPattern: $0) }
    }
  }

  /// The last component alone, or the empty path.
  var lastName: FilePath {
    lastComponent.map { FilePath(root: nil, [$0]) } ?? FilePath()
  }
}
