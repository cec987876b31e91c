public import CNNSystem

/// LeNet-5 in the form everybody trains today: LeCun, Bottou, Bengio, Haffner, "Gradient-Based
/// Learning Applied to Document Recognition", 1998, with the sizes of figure 2, and with maximum
/// pooling, ReLU and a full third layer in place of the paper's trainable subsampling, tanh and
/// partial connection table.
public enum LeNet5 {
  /// The network; 61,706 parameters at the paper's 32x32, 44,426 at MNIST's own 28x28.
  ///
  /// - Parameter options: classes and input, 10, one channel and 28x28 by default.
  /// - Returns: nodes `conv1`, `pool1`, `conv2`, `pool2`, `fc1`, `fc2`, `fc3`, `prob`.
  /// - Throws: `invalidShape` for an input below 16x16.
  public static func network(
    _ options: NetworkOptions = NetworkOptions(classes: 10, inputChannels: 1, inputSize: 28)
  ) throws(CNNError) -> Network {
    var builder = NetworkBuilder(name: "lenet5", options: options)
    for (number, channels) in [(1, 6), (2, 16)] {
      builder.addConvolution(
        "conv\(number)", relu: "relu_conv\(number)", channels: channels, kernel: 5)
      builder.add("pool\(number)", .maxPool(Window(kernel: 2, stride: 2)))
    }
    builder.add("flatten", .flatten(.channelHeightWidth))
    for (number, width) in [(1, 120), (2, 84)] {
      builder.add("fc\(number)", .linear(outputs: width))
      builder.add("relu_fc\(number)", .relu)
    }
    builder.add("fc3", .linear(outputs: options.classes))
    builder.add("prob", .softmax)
    return try builder.build()
  }
}
