import CNNImage
import CNNSystem
import CNNTestSupport
import CNNTraining
import SystemPackage

/// Pictures of `SyntheticPicture` in files named by class.
struct SyntheticPictures {
  let folder: TemporaryFolder

  /// - Parameter count: of each class.
  init(count: Int = 30, classes: [String] = ["left", "right"]) throws {
    folder = try TemporaryFolder()
    for (classIndex, name) in classes.enumerated() {
      for number in 0..<count {
        let pixels = try Pixels(
          width: SyntheticPicture.side, height: SyntheticPicture.side,
          gray: SyntheticPicture.gray(classIndex: classIndex, of: classes.count, number: number))
        try folder.write(pixels.png, to: "pictures/\(name).\(number).png")
      }
    }
  }

  var path: FilePath { folder.path("pictures") }

  var source: DataSource {
    get throws { try DataSource(at: path) }
  }
}
