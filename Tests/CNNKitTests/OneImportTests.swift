// The only import of the library: this file does not compile where a type in a signature of CNNKit
// would need another one.
import CNNKit
import Testing

@Suite struct OneImportTests {
  @Test func oneImportBringsAllTypes() throws {
    var options = LoadingOptions()
    options.layout = WeightsLayout.torchvision
    options.inputSize = Extent(square: 64)
    options.preprocessing = Preprocessing.torchvision
    options.base = FilePath("base.safetensors")
    let inference: InferenceOptions = .automatic
    let decoding = DecodingOptions(background: RGBColor.white)
    do throws(CNNError) {
      _ = try ImageClassifier(
        model: .resNet18, weights: URL(filePath: "/no/such.pth"), options: options,
        decoding: decoding, threads: 1, inference: inference)
      Issue.record("there is no such file")
    } catch {
      #expect(error.code == CNNError.Code.notFound)
      #expect(error.domain == .weights)
    }
    let network: Network = try CNNModel.leNet5.network()
    let parameters = Parameters.random(for: network, seed: 1)
    let pretrained = try PretrainedNetwork(
      network: network, parameters: parameters, preprocessing: .mnist, labels: .digits)
    let pixels = try Pixels(width: 1, height: 1, gray: [0])
    let input: Tensor = pretrained.preprocessing.apply(to: pixels)
    #expect(input.shape == [1, 1, 28, 28])
    let answer: Classification = try ImageClassifier(pretrained).classify(pixels)
    #expect(answer.count == 5)
  }
}
