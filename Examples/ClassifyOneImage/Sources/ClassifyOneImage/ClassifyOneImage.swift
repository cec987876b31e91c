import CNNKit

/// The library in one screen: a model, a weights file, a picture, its five most probable classes.
///
///     swift run ClassifyOneImage vgg16 vgg16_weights.npz elephant.jpg
@main
struct ClassifyOneImage {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else {
      print("usage: ClassifyOneImage MODEL WEIGHTS PICTURE")
      return
    }
    let classifier = try ImageClassifier(
      model: CNNModel(named: arguments[1]), weights: FilePath(arguments[2]))
    for prediction in try classifier.classify(FilePath(arguments[3]), top: 5) {
      print(prediction.probability, prediction.label.name)
    }
  }
}
