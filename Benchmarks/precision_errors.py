"""Measures how far the logits of each precision are from float64, beside OpenVINO's bfloat16.

    precision_errors.py --cnn PATH --folder WORK [--resnet18 NPZ] [--seeds 1 2 3] PICTURE...

VGG16 has random weights of He's size, one set for each seed; ResNet-18 has those of a file under
torchvision's names. Every error is the largest of a picture, as a share of its largest logit.
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


def trained_resnet18(path):
    """The network of a file with torchvision's names, BatchNorm folded in double precision."""
    arrays = {name: torch.from_numpy(array).double() for name, array in np.load(path).items()}
    pairs = [("conv1", "bn1")]
    for stage in range(1, 5):
        for block in (f"layer{stage}.0", f"layer{stage}.1"):
            pairs += [(f"{block}.conv{i}", f"{block}.bn{i}") for i in (1, 2)]
            if f"{block}.downsample.0.weight" in arrays:
                pairs.append((f"{block}.downsample.0", f"{block}.downsample.1"))
    network = without_softmax(resnet([2, 2, 2, 2], False)).double()
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        for layer, (weight, norm) in zip(convolutions, pairs, strict=True):
            factor = arrays[f"{norm}.weight"] / (arrays[f"{norm}.running_var"] + 1e-5).sqrt()
            layer.weight.copy_(arrays[f"{weight}.weight"] * factor[:, None, None, None])
            layer.bias.copy_(arrays[f"{norm}.bias"] - factor * arrays[f"{norm}.running_mean"])
        network.layers[-1].weight.copy_(arrays["fc.weight"])
        network.layers[-1].bias.copy_(arrays["fc.bias"])
    return network


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
    if options.resnet18:
        network = trained_resnet18(options.resnet18)
        measure(options, "ResNet-18", "resnet18", network, options.resnet18)


if __name__ == "__main__":
    main()
