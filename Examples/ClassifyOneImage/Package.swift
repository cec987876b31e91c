// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "ClassifyOneImage",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-cnn", path: "../..")],
  targets: [
    .executableTarget(
      name: "ClassifyOneImage", dependencies: [.product(name: "CNNKit", package: "swift-cnn")])
  ]
)
