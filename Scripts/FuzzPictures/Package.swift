// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "FuzzPictures",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-cnn", path: "../..")],
  targets: [
    .executableTarget(
      name: "FuzzPictures", dependencies: [.product(name: "CNNKit", package: "swift-cnn")])
  ]
)
