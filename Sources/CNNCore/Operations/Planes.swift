internal import CNNSystem

extension Tensor {
  /// Changes the elements in place, in ranges that do not overlap.
  ///
  /// - Parameters:
  ///   - threads: how many ranges are changed at once.
  ///   - body: gets all elements, and the range that it changes.
  package mutating func updateElements(
    threads: Int,
    _ body: @Sendable (_ elements: UnsafeMutableBufferPointer<Float>, _ range: Range<Int>) -> Void
  ) {
    withUnsafeMutableElements { elements in
      // Each range is written by one thread, and all threads end before the elements are read.
      nonisolated(unsafe) let elements = elements
      Workers.forEachRange(count: elements.count, threads: threads) { body(elements, $0) }
    }
  }

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
      // Each plane is written by one thread, and all threads end before the result is read.
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
