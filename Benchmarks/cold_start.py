"""Compares whole processes, from their start to the classes of one picture, with a warm page cache.

    cold_start.py --cnn PATH --folder WORK [--rounds 5]

`cnn predict` is compared with a Python process that imports PyTorch, maps the same weights, decodes the
picture and runs VGG16 once. Weights are random; both read all of them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

from compare import append, header

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy, torch
from PIL import Image
from networks import vgg16
torch.set_num_threads(int(sys.argv[4]))
with torch.device("meta"):
    network = vgg16().eval()
network.load_state_dict(torch.load(sys.argv[2], mmap=True, weights_only=True), assign=True)
picture = Image.open(sys.argv[3]).convert("RGB").resize((224, 224), Image.BILINEAR)
x = torch.from_numpy(numpy.asarray(picture).copy()).float().permute(2, 0, 1)[None]
with torch.inference_mode():
    print(network(x).topk(5).indices.tolist())
"""


def write_inputs(folder):
    """One set of weights in both files, the names of `vgg16_weights.npz` in one, and a picture."""
    archive, state = os.path.join(folder, "vgg16_weights.npz"), os.path.join(folder, "vgg16.pth")
    picture = os.path.join(folder, "picture.jpg")
    if not os.path.exists(picture):
        import numpy
        from PIL import Image
        noise = numpy.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=numpy.uint8)
        Image.fromarray(noise).resize((500, 375), Image.BICUBIC).save(picture, quality=90)
    if not (os.path.exists(archive) and os.path.exists(state)):
        import numpy
        import torch
        from networks import build
        network = build("vgg16")
        torch.save(network.state_dict(), state)
        names = [
            f"conv{stage}_{index}" for stage, count in enumerate((2, 2, 3, 3, 3), 1)
            for index in range(1, count + 1)] + ["fc6", "fc7", "fc8"]
        layers = [m for m in network.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]
        arrays = {}
        for name, layer in zip(names, layers):
            weight = layer.weight.numpy()
            order = (2, 3, 1, 0) if weight.ndim == 4 else (1, 0)
            arrays[f"{name}_W"] = numpy.ascontiguousarray(weight.transpose(order))
            arrays[f"{name}_b"] = layer.bias.numpy()
        numpy.savez(archive, **arrays)
    return archive, state, picture


def seconds(command):
    start = time.perf_counter()
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{process.stderr[-2000:]}")
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cnn", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    archive, state, picture = write_inputs(options.folder)
    here = os.path.dirname(os.path.abspath(__file__))
    ours = [
        options.cnn, "predict", "--model", "vgg16", "--weights", archive, "--threads",
        str(options.threads), picture]
    theirs = [sys.executable, "-c", PROGRAM, here, state, picture, str(options.threads)]
    seconds(ours), seconds(theirs)
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(options.rounds)]
    import importlib.metadata
    row = {
        "network": "vgg16, whole process", "batch": 1, "precision": "fp32", "kernels": "",
        "peer": "python + pytorch", "peer_version": importlib.metadata.version("torch"),
        "rounds": options.rounds,
        "ours_ms": round(1e3 * statistics.median(pair[0] for pair in pairs), 1),
        "peer_ms": round(1e3 * statistics.median(pair[1] for pair in pairs), 1),
        "ratio": round(statistics.median(pair[0] / pair[1] for pair in pairs), 3)}
    append([dict(header(options), **row)])
    print(
        f"whole process: ours {row['ours_ms']:.0f} ms, Python {row['peer_ms']:.0f} ms, "
        f"ratio {row['ratio']:.3f}")


if __name__ == "__main__":
    main()
