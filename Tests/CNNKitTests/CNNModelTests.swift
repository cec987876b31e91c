import CNNKit
import CNNSystem
import Foundation
import Testing

@Suite struct CNNModelTests {
  @Test func modelsAreKnownByTheirNames() throws {
    #expect(CNNModel.allCases.count == 23)
    #expect(Set(CNNModel.allCases).count == 23)
    #expect("\(CNNModel.vgg16)" == "vgg16")
    let json = try JSONEncoder().encode(CNNModel.allCases)
    #expect(
      String(decoding: json, as: UTF8.self).hasPrefix(#"["alexnet","caffenet","alexnet-owt","#))
    #expect(try JSONDecoder().decode([CNNModel].self, from: json) == CNNModel.allCases)
  }

  @Test(arguments: [
    ("VGG16_bn", "vgg16-bn"), ("squeezenet1_0", "squeezenet1.0"), ("ResNet-50", "resnet50"),
  ])
  func spellingsThatPeopleUse(name: String, model: String) throws {
    #expect(try CNNModel(named: name).name == model)
  }

  @Test func unknownNamesGetSuggestions() throws {
    let error = #expect(throws: CNNError.self) { try CNNModel(named: "resnet200") }
    #expect(error?.code == .unknown && error?.remedy?.action == .listModels)
    #expect(error?.expected?.hasPrefix("resnet18, resnet34, ") == true)
    let json = Data(#"["resnet200"]"#.utf8)
    #expect(throws: CNNError.self) { try JSONDecoder().decode([CNNModel].self, from: json) }
  }
}
