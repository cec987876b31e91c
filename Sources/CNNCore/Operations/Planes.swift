internal import CNNSystem

extension Tensor {
  /// The plane size of `[N, C, H, W]`.
  package var planeExtent: Extent {
    precondition(shape.count == 4, "the input is [N, C, H, W]")
    return Extent(height: shape[2], width: shape[3])
  }

  /// A new tensor `[N, C, extent]` of which `body` writes one plane per call.
  ///
  /// - Parameters:
  ///   - extent: rows and columns of the result.
  ///   - threads: how many planes are written at once.
  ///   - body: gets the plane of this tensor `[N, C, H, W]`, the plane to write in full, and the
  ///     channel. The neighbouring channels lie H * W elements before and after the plane.
  package func mappingPlanes(
    to extent: Extent, threads: Int,
    _ body:
      @Sendable (
        _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ channel: Int
      ) -> Void
  ) -> Tensor {
    precondition(shape.count == 4, "the input is [N, C, H, W]")
    let (count, channels) = (shape[0], shape[1])
    let (sourceSize, targetSize) = (shape[2] * shape[3], extent.height * extent.width)
    return Tensor(uninitialized: [count, channels, extent.height, extent.width]) { elements in
      // Every plane belongs to one thread, and all have ended before the elements are seen.
      nonisolated(unsafe) let target = elements
      Workers.forEach(count: count * channels, threads: threads) { plane in
        withUnsafeElements { source in
          guard let source = source.baseAddress, let target = target.baseAddress else { return }
          body(source + plane * sourceSize, target + plane * targetSize, plane % channels)
        }
      }
    }
  }
}
