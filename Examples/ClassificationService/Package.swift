// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "ClassificationService",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "swift-cnn", path: "../.."),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.0"),
  ],
  targets: [
    .executableTarget(
      name: "ClassificationService",
      dependencies: [
        .product(name: "CNNKit", package: "swift-cnn"),
        .product(name: "FlyingFox", package: "FlyingFox"),
      ]),
    .executableTarget(
      name: "HeartbeatGap", dependencies: [.product(name: "CNNKit", package: "swift-cnn")]),
  ]
)
