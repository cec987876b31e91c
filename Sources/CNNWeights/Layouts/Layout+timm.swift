internal import CNNCore

/// timm's names: torchvision's for convolutions, and for VGG's classifier its own, where the first
/// two linear layers are stored as convolutions (`pre_logits.fc1.weight [4096, 512, 7, 7]`).
func timmNames(of network: Network) -> [String: String] {
  var names = torchvisionNames(of: network)
  guard network.name.hasPrefix("vgg") else { return names }
  for (node, foreign) in [("fc6", "pre_logits.fc1"), ("fc7", "pre_logits.fc2"), ("fc8", "head.fc")]
  {
    for suffix in [".weight", ".bias"] where names[node + suffix] != nil {
      names[node + suffix] = foreign + suffix
    }
  }
  return names
}
