"""The networks that are measured, in PyTorch: the same layers as those of `cnn`, random weights."""

import torch
from torch import nn

# Rows and columns of the input, and the name that `cnn` knows each network by.
NETWORKS = {
    "vgg16": (224, "vgg16"),
    "alexnet": (227, "alexnet"),
    "resnet18": (224, "resnet18"),
    "resnet50": (224, "resnet50"),
    "squeezenet": (227, "squeezenet1.0"),
}


class Network(nn.Module):
    """Layers one after the other; pnnx wants names that do not begin with a digit."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


def vgg16():
    layers, channels = [], 3
    for item in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if item == 0:
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(channels, item, 3, padding=1), nn.ReLU(True)]
            channels = item
    return Network(*layers, nn.Flatten(), *head(25088))


def alexnet():
    """BVLC's: two groups, response normalisation before pooling."""
    def norm():
        return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)

    return Network(
        nn.Conv2d(3, 96, 11, 4), nn.ReLU(True), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(True), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(True),
        nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(True),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(True), nn.MaxPool2d(3, 2),
        nn.Flatten(), *head(9216))


def head(inputs):
    return [
        nn.Linear(inputs, 4096), nn.ReLU(True), nn.Linear(4096, 4096), nn.ReLU(True),
        nn.Linear(4096, 1000), nn.Softmax(1)]


class Block(nn.Module):
    """A residual block of ResNet: two 3x3 convolutions, or 1x1, 3x3, 1x1.

    The normalisation is folded into the convolutions, as every engine does it."""

    def __init__(self, channels, width, stride, is_bottleneck):
        super().__init__()
        output = width * 4 if is_bottleneck else width
        if is_bottleneck:
            kernels = [(channels, width, 1, 1), (width, width, 3, stride), (width, output, 1, 1)]
        else:
            kernels = [(channels, width, 3, stride), (width, width, 3, 1)]
        layers = []
        for source, target, kernel, step in kernels:
            layers += [nn.Conv2d(source, target, kernel, step, kernel // 2), nn.ReLU(True)]
        self.body = nn.Sequential(*layers[:-1])
        same = stride == 1 and channels == output
        self.shortcut = nn.Identity() if same else nn.Conv2d(channels, output, 1, stride)
        self.relu = nn.ReLU(True)
        self.channels = output

    def forward(self, x):
        return self.relu(self.body(x) + self.shortcut(x))


def resnet(depths, is_bottleneck):
    layers = [nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, depth in enumerate(depths):
        for index in range(depth):
            stride = 2 if stage > 0 and index == 0 else 1
            layers.append(Block(channels, 64 << stage, stride, is_bottleneck))
            channels = layers[-1].channels
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000), nn.Softmax(1)]
    return Network(*layers)


class Fire(nn.Module):
    """SqueezeNet's module: a 1x1 convolution, then a 1x1 and a 3x3 side by side."""

    def __init__(self, channels, squeeze):
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeeze, 1)
        self.expand1 = nn.Conv2d(squeeze, squeeze * 4, 1)
        self.expand3 = nn.Conv2d(squeeze, squeeze * 4, 3, padding=1)
        self.relu = nn.ReLU(True)

    def forward(self, x):
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu(self.expand1(x)), self.relu(self.expand3(x))], 1)


def squeezenet():
    def pool():
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    return Network(
        nn.Conv2d(3, 96, 7, 2), nn.ReLU(True), pool(),
        Fire(96, 16), Fire(128, 16), Fire(128, 32), pool(),
        Fire(256, 32), Fire(256, 48), Fire(384, 48), Fire(384, 64), pool(), Fire(512, 64),
        nn.Conv2d(512, 1000, 1), nn.ReLU(True), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Softmax(1))


def build(name):
    torch.manual_seed(0)
    networks = {
        "vgg16": vgg16, "alexnet": alexnet, "squeezenet": squeezenet,
        "resnet18": lambda: resnet([2, 2, 2, 2], False),
        "resnet50": lambda: resnet([3, 4, 6, 3], True),
    }
    network = networks[name]().eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return network


def example(name, batch):
    size = NETWORKS[name][0]
    return torch.rand(batch, 3, size, size) * 4 - 2
