/// Feature maps as vectors: input `[N, C, H, W]`, result `[N, C * H * W]`.
///
/// In the order C, H, W the elements are shared, in the order H, W, C they are moved.
public func flatten(_ input: Tensor, _ order: FlattenOrder) -> Tensor {
  let extent = input.planeExtent
  let (count, channels, plane) = (input.shape[0], input.shape[1], extent.height * extent.width)
  switch order {
  case .channelHeightWidth:
    return input.reshaped([count, channels * plane])
  case .heightWidthChannel:
    return Tensor(uninitialized: [count, channels * plane]) { target in
      input.withUnsafeElements { source in
        for picture in 0..<count {
          let offset = picture * channels * plane
          for position in 0..<plane {
            for channel in 0..<channels {
              target[offset + position * channels + channel] =
                source[offset + channel * plane + position]
            }
          }
        }
      }
    }
  }
}
