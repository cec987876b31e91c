internal import CNNCore
public import CNNSystem

/// The preprocessing that published weights were trained with, or that they are commonly used with.
extension Preprocessing {
  /// torchvision's and timm's AlexNet, VGG (with and without batch normalisation) and ResNet V1:
  /// short side 256, centre crop 224, ImageNet mean and deviation.
  public static let torchvision = imageNet(shortSide: 256)

  /// torchvision's ResNet `IMAGENET1K_V2` weights: short side 232.
  public static let torchvisionV2 = imageNet(shortSide: 232)

  /// Frossard's `vgg16_weights.npz`: the picture squashed to 224x224, RGB minus the VGG mean.
  public static let frossard = Preprocessing(
    unchecked: .squash(224), resampling: .antialiasedBilinear, channels: .rgb,
    mean: .perChannel([123.68, 116.779, 103.939]))

  /// The VGG caffemodels and what was converted from them, also Keras' VGG and ResNet50, the way
  /// their accuracy was measured: short side 256, centre crop 224, BGR minus the VGG mean.
  public static let caffeVGG = Preprocessing(
    unchecked: .shortSide(256), resampling: .bilinear, centreCrop: 224, channels: .bgr,
    mean: vggMeanBGR)

  /// Keras' VGG and ResNet50 as its documentation uses them, bit for bit: squashed to 224x224 by
  /// nearest neighbour. A little less accurate than `caffeVGG`.
  public static let keras = Preprocessing(
    unchecked: .squash(224), resampling: .nearest, channels: .bgr, mean: vggMeanBGR)

  /// The BVLC AlexNet and the SqueezeNet caffemodels: squashed to 256x256, centre crop 227, BGR
  /// minus (104, 117, 123).
  public static let caffeAlexNet = Preprocessing(
    unchecked: .squash(256), resampling: .bilinear, centreCrop: 227, channels: .bgr,
    mean: .perChannel([104, 117, 123]))

  /// `bvlc_alexnet.npy` as Kratzert's TensorFlow fine-tuning code feeds it: TensorFlow 1 resize to
  /// 227x227, the VGG mean, BGR.
  public static let kratzert = Preprocessing(
    unchecked: .squash(227), resampling: .floatBilinearFromCorner, channels: .bgr,
    mean: vggMeanBGR)

  /// `bvlc_alexnet.npy` as Kratzert's validation notebook feeds it: OpenCV resize of a Float32
  /// picture to 227x227, BGR minus (104, 117, 124).
  public static let openCVAlexNet = Preprocessing(
    unchecked: .squash(227), resampling: .floatBilinear, channels: .bgr,
    mean: .perChannel([104, 117, 124]))

  /// Only to reproduce the numbers of a widely copied TensorFlow VGG16 tutorial, which feeds
  /// `vgg16_weights.npz` wrongly: contrast stretched by `imresize`, BGR where the weights need RGB,
  /// minus the mean of the picture itself. For right answers use `frossard`.
  public static let vggTensorFlowTutorial = Preprocessing(
    unchecked: .squash(224), resampling: .antialiasedBilinear, stretchesContrast: true,
    channels: .bgr, mean: .ofPicture)

  /// MNIST digits for a VGG, which needs at least 32 pixels: 48x48, three equal channels, x / 255.
  public static let mnist48 = Preprocessing(
    unchecked: .squash(48), resampling: .bilinear, channels: .grayThreeTimes, divisor: 255)

  /// MNIST digits for LeNet and other small networks: 28x28, one channel, from -1 to 1.
  public static let mnist = Preprocessing(
    unchecked: .squash(28), resampling: .antialiasedBilinear, channels: .gray, divisor: 255,
    mean: .perChannel([0.5]), standardDeviation: [0.5])

  /// The CIFAR-10 ResNets (ResNet-20 and deeper): 32x32, ImageNet mean and deviation.
  public static let cifar = Preprocessing(
    unchecked: .squash(32), resampling: .antialiasedBilinear, channels: .rgb, divisor: 255,
    mean: imageNetMean, standardDeviation: imageNetDeviation)

  /// All of the above by name, for options and files.
  public static let presets: KeyValuePairs<String, Preprocessing> = [
    "torchvision": torchvision,
    "torchvision-v2": torchvisionV2,
    "frossard": frossard,
    "caffe-vgg": caffeVGG,
    "keras": keras,
    "caffe-alexnet": caffeAlexNet,
    "caffe-squeezenet": caffeAlexNet,
    "kratzert": kratzert,
    "cv2-alexnet": openCVAlexNet,
    "vgg-tensorflow-tutorial": vggTensorFlowTutorial,
    "mnist48": mnist48,
    "mnist": mnist,
    "cifar": cifar,
  ]

  /// The preset `name`. Throws `unknown`, which lists all names.
  public static func preset(named name: String) throws(CNNError) -> Preprocessing {
    guard let preset = presets.first(where: { $0.key == name }) else {
      throw CNNError(
        .usage, .unknown, "there is no preprocessing of this name", found: name,
        expected: "one of " + presets.map(\.key).joined(separator: ", "))
    }
    return preset.value
  }

  private static let imageNetMean = Mean.perChannel([0.485, 0.456, 0.406])
  private static let imageNetDeviation: [Float] = [0.229, 0.224, 0.225]
  /// The mean of the VGG paper's training set, in the order of BGR.
  private static let vggMeanBGR = Mean.perChannel([103.939, 116.779, 123.68])

  private static func imageNet(shortSide: Int) -> Preprocessing {
    Preprocessing(
      unchecked: .shortSide(shortSide), resampling: .antialiasedBilinear, centreCrop: 224,
      channels: .rgb, divisor: 255, mean: imageNetMean, standardDeviation: imageNetDeviation)
  }
}
