// swift-tools-version: 6.1
import PackageDescription

// The two rails, which the targets follow in this order:
//
//   picture file -> pixels -> input tensor -> network -> logits -> labelled predictions
//   weight file  -> named arrays -> parameters ---^

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "swift-cnn",
  platforms: [.macOS(.v15)],
  products: [
    // Each product brings the modules whose types stand in its signatures.
    .library(
      name: "CNNKit", targets: ["CNNKit", "CNNCore", "CNNImage", "CNNWeights", "CNNSystem"]),
    .library(
      name: "CNNTraining",
      targets: ["CNNTraining", "CNNKit", "CNNCore", "CNNImage", "CNNWeights", "CNNSystem"]),
    .library(
      name: "CNNRuns",
      targets: [
        "CNNRuns", "CNNTraining", "CNNKit", "CNNCore", "CNNImage", "CNNWeights", "CNNSystem",
      ]),
    .executable(name: "cnn", targets: ["CNNCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
  ],
  targets: [
    // MARK: Ground: errors, files, bytes, worker threads
    .target(name: "CNNPlatform", swiftSettings: strict),
    .target(
      name: "CNNSystem",
      dependencies: ["CNNPlatform", systemPackage],
      swiftSettings: strict),

    // MARK: picture file -> pixels -> input tensor
    .target(
      name: "CNNCodecs", dependencies: ["CNNLibJPEG", "CNNLibPNG", "CNNLibWebP"],
      cSettings: [.define("NDEBUG", .when(configuration: .release))],
      // giflib has no file for pkg-config of its own, so it is no system library target.
      linkerSettings: [.linkedLibrary("gif")]),
    .target(
      name: "CNNImage", dependencies: ["CNNCore", "CNNSystem", "CNNCodecs", systemPackage],
      swiftSettings: strict),

    // MARK: network
    .target(
      name: "CNNKernels",
      cSettings: [.define("NDEBUG", .when(configuration: .release))]),
    .target(
      name: "CNNCore", dependencies: ["CNNSystem", "CNNPlatform", "CNNKernels", "CNNOpenBLAS"],
      swiftSettings: strict),

    // MARK: weight file -> named arrays -> parameters
    .target(
      name: "CNNWeights",
      dependencies: ["CNNCore", "CNNByteScan", "CNNSystem", "CNNZlib", systemPackage],
      swiftSettings: strict),
    .target(
      name: "CNNByteScan",
      cSettings: [.define("NDEBUG", .when(configuration: .release))]),

    // MARK: logits -> labelled predictions
    .target(
      name: "CNNKit",
      dependencies: [
        "CNNCore", "CNNImage", "CNNWeights", "CNNSystem", "CNNPlatform", systemPackage,
      ],
      swiftSettings: strict),

    // MARK: labelled pictures -> trained parameters
    .target(
      name: "CNNTraining",
      dependencies: [
        "CNNCore", "CNNImage", "CNNWeights", "CNNKit", "CNNSystem", "CNNPlatform",
        "CNNKernels", systemPackage,
      ],
      swiftSettings: strict),

    // MARK: a training on disk: folder, checkpoints, log, charts, page
    .target(
      name: "CNNRuns",
      dependencies: [
        "CNNTraining", "CNNCore", "CNNImage", "CNNWeights", "CNNKit", "CNNSystem", "CNNPlatform",
        systemPackage,
      ],
      swiftSettings: strict),

    // MARK: Command
    .executableTarget(
      name: "CNNCommand",
      dependencies: [
        "CNNRuns", "CNNTraining", "CNNKit", "CNNCore", "CNNImage", "CNNWeights", "CNNSystem",
        "CNNPlatform", systemPackage,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny")]),

    // MARK: System libraries
    .systemLibrary(
      name: "CNNOpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    // Debian calls the headers libjpeg62-turbo-dev, Ubuntu libjpeg-turbo8-dev; both also answer
    // to libjpeg-dev.
    .systemLibrary(
      name: "CNNLibJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CNNLibPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CNNLibWebP", pkgConfig: "libwebpdemux",
      providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
    .systemLibrary(
      name: "CNNZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

    // MARK: Tests
    .target(
      name: "CNNTestSupport", dependencies: ["CNNCore", "CNNSystem", systemPackage],
      path: "Tests/CNNTestSupport", swiftSettings: strict),
    .testTarget(
      name: "CNNSystemTests", dependencies: ["CNNSystem", "CNNTestSupport", systemPackage],
      swiftSettings: strict),
    .testTarget(
      name: "CNNCoreTests",
      dependencies: ["CNNCore", "CNNKernels", "CNNSystem", "CNNTestSupport"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "CNNImageTests",
      dependencies: [
        "CNNImage", "CNNCore", "CNNSystem", "CNNTestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "CNNWeightsTests",
      dependencies: ["CNNWeights", "CNNCore", "CNNSystem", "CNNTestSupport"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "CNNKitTests",
      dependencies: [
        "CNNKit", "CNNCore", "CNNImage", "CNNWeights", "CNNSystem", "CNNTestSupport",
        systemPackage,
      ],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "CNNTrainingTests",
      dependencies: [
        "CNNTraining", "CNNCore", "CNNImage", "CNNWeights", "CNNKit", "CNNSystem",
        "CNNTestSupport", systemPackage,
      ],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "CNNRunsTests",
      dependencies: [
        "CNNRuns", "CNNTraining", "CNNCore", "CNNImage", "CNNWeights", "CNNKit", "CNNSystem",
        "CNNTestSupport", systemPackage,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CNNCommandTests",
      dependencies: [
        "CNNCommand", "CNNRuns", "CNNTraining", "CNNKit", "CNNCore", "CNNImage", "CNNSystem",
        "CNNTestSupport",
        systemPackage,
      ],
      exclude: ["Snapshots"], swiftSettings: strict),
  ]
)
