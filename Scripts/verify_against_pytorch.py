#!/usr/bin/env python3
"""Compares `cnn` with PyTorch on the same pictures and weights, through every kind of file.

For each network it makes random weights from a seed, saves them as PyTorch does (.pth, zip and
legacy), as safetensors, and as NumPy does (.npz, under the names of vgg16_weights.npz where the
network has no BatchNorm), runs `cnn features --layer logits` on each, and prints the largest
difference as a share of the largest logit. Exits with 1 where one is above 1e-4.

    pip install torch torchvision numpy pillow safetensors
    swift build -c release
    Scripts/verify_against_pytorch.py PICTURE...
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from torchvision import models, transforms

CNN = pathlib.Path(__file__).parent.parent / ".build/release/cnn"
TOLERANCE = 1e-4

PREPROCESSING = transforms.Compose([
    transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])


def bvlc_alexnet():
    norm = lambda: nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, 4), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(),
        nn.Linear(4096, 1000))


ALEXNET = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]
VGG16 = [f"conv{s}_{i}" for s, n in enumerate([2, 2, 3, 3, 3], 1) for i in range(1, n + 1)] + [
    "fc6", "fc7", "fc8"]

# name -> builder, the names of its weighted layers for TensorFlow's file, fc6's feature map
NETWORKS = {
    "vgg16": (models.vgg16, VGG16, (512, 7, 7)),
    "vgg19-bn": (models.vgg19_bn, None, None),
    "resnet50": (models.resnet50, None, None),
    "alexnet": (bvlc_alexnet, ALEXNET, (256, 6, 6)),
    "alexnet-owt": (models.alexnet, ALEXNET, (256, 6, 6)),
}


def state_of(name, model, layers):
    """The state dict, for the network that torchvision does not have under plain names."""
    state = {k: v.detach().clone().contiguous() for k, v in model.state_dict().items()}
    if name != "alexnet":
        return state
    return {f"{layers[i // 2]}.{k.split('.')[-1]}": v for i, (k, v) in enumerate(state.items())}


def tensorflow_arrays(model, layers, feature_map):
    """The weights under the names and in the order of vgg16_weights.npz."""
    weighted = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    arrays = {}
    for layer, module in zip(layers, weighted, strict=True):
        weight = module.weight.detach().numpy()
        if weight.ndim == 4:
            weight = weight.transpose(2, 3, 1, 0)
        else:
            if layer == "fc6":
                weight = weight.reshape(-1, *feature_map).transpose(0, 2, 3, 1)
            weight = weight.reshape(weight.shape[0], -1).T
        arrays[layer + "_W"] = np.ascontiguousarray(weight)
        arrays[layer + "_b"] = module.bias.detach().numpy()
    return arrays


def save_all(folder, name, model, layers, feature_map):
    state = state_of(name, model, layers)
    torch.save(state, folder / "zip.pth")
    torch.save(state, folder / "legacy.pth", _use_new_zipfile_serialization=False)
    save_file(state, folder / "model.safetensors")
    if layers:
        np.savez(folder / "model.npz", **tensorflow_arrays(model, layers, feature_map))
    else:
        np.savez(folder / "model.npz", **{k: v.numpy() for k, v in state.items()})
    return ["zip.pth", "legacy.pth", "model.safetensors", "model.npz"]


def randomize(model):
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
            nn.init.normal_(module.bias, std=0.1) if module.bias is not None else None
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 1.5)
    return model.eval()


def main(pictures):
    worst = 0.0
    for name, (build, layers, feature_map) in NETWORKS.items():
        torch.manual_seed(0)
        model = randomize(build())
        size = 227 if name == "alexnet" else 224
        steps = list(PREPROCESSING.transforms)
        steps[1] = transforms.CenterCrop(size)
        if size != 224:
            # --input 227 scales the short side with the crop.
            steps[0] = transforms.Resize(round(256 * size / 224))
        x = torch.stack(
            [transforms.Compose(steps)(Image.open(p).convert("RGB")) for p in pictures])
        with torch.no_grad():
            expected = model(x).numpy()
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            for file in save_all(folder, name, model, layers, feature_map):
                output = folder / "logits.npz"
                subprocess.run(
                    [CNN, "features", "--model", name, "--weights", folder / file,
                     "--layer", "logits", "--preprocessing", "torchvision",
                     "--input", str(size), "--ignore-orientation", "--output", output,
                     *pictures], check=True, capture_output=True)
                found = np.load(output)["features"]
                error = np.abs(found - expected).max() / np.abs(expected).max()
                worst = max(worst, error)
                print(f"{name:12} {file:18} {error:.2e}", flush=True)
                (folder / file).unlink()
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
