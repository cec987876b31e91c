// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "FineTuneCatsAndDogs",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-cnn", path: "../..")],
  targets: [
    .executableTarget(
      name: "FineTuneCatsAndDogs",
      dependencies: [.product(name: "CNNRuns", package: "swift-cnn")])
  ]
)
