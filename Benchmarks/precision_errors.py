"""Measures how far the logits of each precision are from float64, beside PyTorch's and OpenVINO's
bfloat16.

    precision_errors.py --cnn PATH --folder WORK [--resnet18 NPZ] [--seeds 1 2 3] PICTURE...

VGG16 and ResNet-50 have random weights with He's variance, one set for each seed; ResNet-18 has those
of a file with torchvision's names. Each error is the largest of a picture's logits, as a share of its
largest logit. PyTorch runs networks whose BatchNorm is folded in double precision, which favours it.
"""

import argparse
import os
import subprocess

import numpy as np
import torch
from PIL import Image
from torch import nn

from networks import resnet, vgg16

PRECISIONS = ["fp32", "half-fc", "bf16"]


def without_softmax(network):
    network.layers = network.layers[:-1]
    return network.eval()


def random_vgg16(seed):
    torch.manual_seed(seed)
    network = without_softmax(vgg16())
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
            nn.init.normal_(module.bias, std=0.05)
    return network


def state_of(network):
    """The parameters of VGG16 under torchvision's names."""
    features = [f"features.{i}" for i, m in enumerate(network.layers) if isinstance(m, nn.Conv2d)]
    names = features + [f"classifier.{i}" for i in (0, 3, 6)]
    layers = [m for m in network.layers if isinstance(m, (nn.Conv2d, nn.Linear))]
    return {
        f"{name}.{part}": getattr(layer, part).detach()
        for name, layer in zip(names, layers, strict=True) for part in ("weight", "bias")}


def resnet_pairs(depths, convolutions):
    """torchvision's names of the convolutions and of the normalisations behind them."""
    pairs = [("conv1", "bn1")]
    for stage, depth in enumerate(depths, 1):
        for index in range(depth):
            block = f"layer{stage}.{index}"
            pairs += [(f"{block}.conv{i}", f"{block}.bn{i}") for i in range(1, convolutions + 1)]
            # A stage begins with a projection where it changes the size or the channels.
            if index == 0 and (stage > 1 or convolutions == 3):
                pairs.append((f"{block}.downsample.0", f"{block}.downsample.1"))
    return pairs


def folded_resnet(arrays, depths, is_bottleneck):
    """The network of weights under torchvision's names, normalisations folded in double precision."""
    network = without_softmax(resnet(depths, is_bottleneck)).double()
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    pairs = resnet_pairs(depths, 3 if is_bottleneck else 2)
    with torch.no_grad():
        for layer, (weight, norm) in zip(convolutions, pairs, strict=True):
            values = {part: arrays[f"{norm}.{part}"].double()
                      for part in ("weight", "bias", "running_mean", "running_var")}
            factor = values["weight"] / (values["running_var"] + 1e-5).sqrt()
            layer.weight.copy_(arrays[f"{weight}.weight"] * factor[:, None, None, None])
            layer.bias.copy_(values["bias"] - factor * values["running_mean"])
        network.layers[-1].weight.copy_(arrays["fc.weight"])
        network.layers[-1].bias.copy_(arrays["fc.bias"])
    return network


def random_resnet50(seed):
    """Weights under torchvision's names, with which the numbers stay of one size to the end."""
    depths = [3, 4, 6, 3]
    torch.manual_seed(seed)
    network = resnet(depths, True)
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    arrays = {}
    for layer, (weight, norm) in zip(convolutions, resnet_pairs(depths, 3), strict=True):
        arrays[f"{weight}.weight"] = nn.init.kaiming_normal_(torch.empty_like(layer.weight))
        count = layer.out_channels
        # The last normalisation of a branch is small, as in trained networks.
        size = 0.3 if norm.endswith("bn3") else 1
        arrays[f"{norm}.weight"] = size * (0.5 + torch.rand(count))
        arrays[f"{norm}.bias"] = 0.1 * torch.randn(count)
        arrays[f"{norm}.running_mean"] = 0.1 * torch.randn(count)
        arrays[f"{norm}.running_var"] = 0.5 + torch.rand(count)
    arrays["fc.weight"] = nn.init.kaiming_normal_(torch.empty(1000, 2048))
    arrays["fc.bias"] = 0.05 * torch.randn(1000)
    return arrays, folded_resnet(arrays, depths, True)


def preprocessed(path):
    """torchvision's evaluation transform."""
    picture = Image.open(path).convert("RGB")
    scale = 256 / min(picture.size)
    width, height = (max(256, int(side * scale)) for side in picture.size)
    left, top = round((width - 224) / 2), round((height - 224) / 2)
    picture = picture.resize((width, height), Image.BILINEAR)
    pixels = np.asarray(picture.crop((left, top, left + 224, top + 224))) / 255
    pixels = (pixels - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    return torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)


def float64_logits(network, x):
    with torch.inference_mode():
        logits = [network.double()(picture[None].double())[0] for picture in x]
    network.float()
    return torch.stack(logits)


def our_logits(options, model, weights, precision):
    output = os.path.join(options.folder, "logits.npz")
    subprocess.run(
        [options.cnn, "features", "--model", model, "--weights", weights, "--layer", "logits",
         "--precision", precision, "--preprocessing", "torchvision", "--ignore-orientation",
         "--quiet", "--output", output] + options.pictures, check=True)
    return torch.from_numpy(np.load(output)["features"].reshape(len(options.pictures), -1))


def pytorch_logits(network, x):
    with torch.inference_mode():
        return network.float()(x)


def openvino_logits(options, network, x):
    import openvino as ov
    core = ov.Core()
    model = ov.convert_model(network, example_input=x[:1], input=[1, 3, 224, 224])
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "bf16"})
    return torch.stack([torch.from_numpy(compiled([p[None].numpy()])[0][0]) for p in x])


def describe(name, logits, expected):
    difference = (logits.double() - expected).abs()
    largest = expected.abs().amax(1)
    errors = difference.amax(1) / largest
    rms = difference.square().mean(1).sqrt() / largest
    order, other = expected.topk(5).indices, logits.topk(5).indices
    sets = [set(a.tolist()) == set(b.tolist()) for a, b in zip(order, other)]
    print(
        f"  {name:15} worst {errors.max():.2e}  mean {errors.mean():.2e}  rms {rms.mean():.2e}  "
        f"first equal {int((order[:, 0] == other[:, 0]).sum())}, five equal {sum(sets)}, "
        f"in order {int((order == other).all(1).sum())} of {len(expected)}", flush=True)


def measure(options, title, model, network, weights):
    print(title)
    x = torch.stack([preprocessed(path) for path in options.pictures])
    expected = float64_logits(network, x)
    for precision in PRECISIONS:
        describe(precision, our_logits(options, model, weights, precision), expected)
    describe("pytorch fp32", pytorch_logits(network, x), expected)
    describe("openvino bf16", openvino_logits(options, network, x), expected)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cnn", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--resnet18")
    parser.add_argument("--seeds", nargs="*", type=int, default=[1, 2, 3])
    parser.add_argument("pictures", nargs="+")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    for seed in options.seeds:
        network = random_vgg16(seed)
        weights = os.path.join(options.folder, "vgg16.pth")
        torch.save(state_of(network), weights)
        measure(options, f"VGG16, random weights {seed}", "vgg16", network, weights)
    for seed in options.seeds:
        arrays, network = random_resnet50(seed)
        weights = os.path.join(options.folder, "resnet50.pth")
        torch.save(arrays, weights)
        measure(options, f"ResNet-50, random weights {seed}", "resnet50", network, weights)
    if options.resnet18:
        arrays = {name: torch.from_numpy(a) for name, a in np.load(options.resnet18).items()}
        network = folded_resnet(arrays, [2, 2, 2, 2], False)
        measure(options, "ResNet-18", "resnet18", network, options.resnet18)


if __name__ == "__main__":
    main()
