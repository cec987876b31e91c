import CNNImage
import CNNSystem
import CNNTestSupport
import CNNTraining
import SystemPackage

/// Pictures of 28x28 in files named by class: the bright half tells the class, and noise makes
/// every one another picture.
struct SyntheticPictures {
  let folder: ScratchFolder

  /// - Parameter count: of each class.
  init(count: Int = 30, classes: [String] = ["left", "right"]) throws {
    folder = try ScratchFolder()
    for (classIndex, name) in classes.enumerated() {
      for number in 0..<count {
        let stream = classIndex * 1000 + number
        let noise = SyntheticNumbers.uniform(count: 784, stream: stream)
        let gray = noise.enumerated().map { index, value in
          let isBright = (index % 28) * classes.count / 28 == classIndex
          return UInt8(isBright ? 140 + 90 * value : 110 + 90 * value)
        }
        let pixels = try Pixels(width: 28, height: 28, gray: gray)
        try folder.write(pixels.png, to: "pictures/\(name).\(number).png")
      }
    }
  }

  var path: FilePath { folder.path("pictures") }

  var source: DataSource {
    get throws { try DataSource(at: path) }
  }
}
