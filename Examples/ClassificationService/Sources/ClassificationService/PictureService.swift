import CNNKit
import FlyingFox
import Foundation
import Synchronization

/// Answers requests with JSON.
final class PictureService: Sendable {
  private let deployment: Deployment
  /// Requests that are being answered or wait for a thread.
  private let requests = Atomic(0)
  /// More requests are refused at once: their clients would wait longer than they want to. Each of
  /// them also holds a picture file in memory.
  private let mostRequests = 8 * ComputeExecutor.shared.threadCount

  init(_ deployment: Deployment) { self.deployment = deployment }

  /// The five most probable classes of the picture in the body.
  func classify(_ request: HTTPRequest) async -> HTTPResponse {
    defer { requests.wrappingSubtract(1, ordering: .relaxed) }
    guard requests.wrappingAdd(1, ordering: .relaxed).newValue <= mostRequests else {
      return HTTPResponse(statusCode: .serviceUnavailable)
    }
    let classifier = deployment.classifier
    guard let size = request.bodySequence.count, size <= classifier.decoding.maximumFileSize else {
      return HTTPResponse(statusCode: .payloadTooLarge)
    }
    guard let body = try? await request.bodyData else {
      return HTTPResponse(statusCode: .badRequest)
    }
    do throws(CNNError) {
      return Self.response(.ok, try await classifier.classify(encoded: body))
    } catch {
      return Self.response(error.statusCode, error)
    }
  }

  /// Loads the weights file again.
  func reload() async -> HTTPResponse {
    do throws(CNNError) {
      try await deployment.reload()
      return HTTPResponse(statusCode: .noContent)
    } catch {
      return Self.response(.internalServerError, error)
    }
  }

  private static func response(_ status: HTTPStatusCode, _ value: some Encodable) -> HTTPResponse {
    guard let json = try? JSONEncoder().encode(value) else {
      return HTTPResponse(statusCode: .internalServerError)
    }
    return HTTPResponse(
      statusCode: status, headers: [.contentType: "application/json"], body: json)
  }
}

extension CNNError {
  /// Whose fault it is, and what the client can do.
  var statusCode: HTTPStatusCode {
    switch (domain, code) {
    case (_, .cancelled): .serviceUnavailable
    case (.picture, .unsupported): .unsupportedMediaType
    case (.picture, .tooLarge), (.picture, .tooManyPixels): .payloadTooLarge
    // The weights are broken, which is not the client's fault.
    case (.picture, .answerNotFinite): .internalServerError
    case (.picture, _): .unprocessableContent
    default: .internalServerError
    }
  }
}
