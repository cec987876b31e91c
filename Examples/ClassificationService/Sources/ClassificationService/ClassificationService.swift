import CNNKit
import FlyingFox
import Foundation

/// Classifies the pictures that clients send.
///
///     swift run -c release ClassificationService resnet18 resnet18-f37072fd.pth 8080
///     curl --data-binary @cat.jpg http://localhost:8080/classify
///     curl -X POST http://localhost:8080/reload
@main
struct ClassificationService {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let port = UInt16(arguments[3]) else {
      print("usage: ClassificationService MODEL WEIGHTS PORT")
      exit(2)
    }
    let service = PictureService(
      try await Deployment(
        model: CNNModel(named: arguments[1]), weights: URL(fileURLWithPath: arguments[2])))
    // Only this machine: a reverse proxy in front adds TLS, time limits and access rights.
    let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port))
    await server.appendRoute("POST /classify") { await service.classify($0) }
    await server.appendRoute("POST /reload") { _ in await service.reload() }
    try await server.run()
  }
}
