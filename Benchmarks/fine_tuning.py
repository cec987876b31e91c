"""Compares a whole fine-tuning with PyTorch's: VGG16, convolutions frozen, a new classifier.

    fine_tuning.py --cnn PATH --data FOLDER --folder WORK [--epochs 10]

`cnn finetune` runs from its start to its report with an empty feature cache. The same in PyTorch would
take hours, so parts of it are measured and scaled, in two ways: (a) the plain loop, which computes the
convolutions in every epoch, and (b) the classifier on features that are computed once. Pictures are
named by class, as Kaggle's are. Weights are random; the time does not depend on them.
"""

import argparse
import importlib.metadata
import os
import shutil
import statistics
import subprocess
import sys
import time

import numpy as np
import torch
from PIL import Image
from torch import nn

from compare import append, header
from networks import vgg16

BATCH = 64


def ours(options):
    run, cache = (os.path.join(options.folder, name) for name in ("run", "cache"))
    for folder in (run, cache):
        shutil.rmtree(folder, ignore_errors=True)
    command = [
        options.cnn, "finetune", "--model", "vgg16", "--random-weights", "1", "--freeze", "conv",
        "--epochs", str(options.epochs), "--batch", str(BATCH), "--threads", str(options.threads),
        "--run", run, options.data]
    start = time.perf_counter()
    process = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=dict(os.environ, CNN_CACHE=cache))
    seconds = time.perf_counter() - start
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{process.stdout[-2000:]}")
    epochs = [line for line in process.stdout.splitlines() if line[:5].strip().isdigit()]
    print("\n".join(epochs))
    shutil.rmtree(cache)
    return seconds


def decoded(paths):
    """As the network takes them; decoding is a small part of the time."""
    pictures = []
    for path in paths:
        picture = Image.open(path).convert("RGB").resize((224, 224), Image.BILINEAR)
        pictures.append(np.asarray(picture, np.float32) / 127.5 - 1)
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous(
        memory_format=torch.channels_last)


def median_seconds(count, work):
    work(0)
    times = []
    for index in range(count):
        start = time.perf_counter()
        work(index)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def pytorch_parts(options, paths):
    """Seconds of a picture through the convolutions, of a step, and of a batch only forward."""
    torch.manual_seed(0)
    layers = vgg16().layers
    trunk = layers[:31].to(memory_format=torch.channels_last).requires_grad_(False).eval()
    # Frozen layers may be optimised for inference; compiling them gains no more here.
    trunk = torch.jit.optimize_for_inference(
        torch.jit.trace(trunk, decoded(paths[:BATCH]), check_trace=False))
    head = nn.Sequential(
        nn.Linear(25088, 4096), nn.ReLU(True), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(True),
        nn.Dropout(), nn.Linear(4096, 2)).train()
    optimizer = torch.optim.SGD(head.parameters(), lr=1e-3, momentum=0.9, fused=True)

    def convolve(index):
        with torch.inference_mode():
            return trunk(decoded(paths[index * BATCH:(index + 1) * BATCH])).flatten(1)

    features, labels = convolve(0).clone(), torch.arange(BATCH) % 2

    def step(_):
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(head(features), labels).backward()
        optimizer.step()

    def forward(_):
        with torch.inference_mode():
            head(features)

    return median_seconds(3, convolve) / BATCH, median_seconds(8, step), median_seconds(5, forward)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cnn", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    os.makedirs(options.folder, exist_ok=True)
    paths = sorted(entry.path for entry in os.scandir(options.data) if entry.name.endswith(".jpg"))

    picture, step, forward = pytorch_parts(options, paths)
    seconds = ours(options)
    validation = round(0.15 * len(paths))
    steps = -(-(len(paths) - validation) // BATCH)
    heads = options.epochs * (steps * step + -(-validation // BATCH) * forward)
    peers = {
        "pytorch, plain loop": options.epochs * len(paths) * picture + heads,
        "pytorch, cached features": len(paths) * picture + heads,
    }
    print(f"PyTorch: {1e3 * picture:.1f} ms a picture through the convolutions, {step:.3f} s a step")
    for peer, theirs in peers.items():
        row = {
            "network": f"vgg16, {options.epochs} epochs on {len(paths)} pictures", "batch": BATCH,
            "precision": "fp32", "kernels": "", "peer": peer,
            "peer_version": importlib.metadata.version("torch"), "rounds": 1,
            "ours_ms": round(1e3 * seconds), "peer_ms": round(1e3 * theirs),
            "ratio": round(seconds / theirs, 3)}
        append([dict(header(options), **row)])
        print(f"{peer}: ours {seconds:.0f} s, theirs {theirs:.0f} s, ratio {row['ratio']:.3f}")


if __name__ == "__main__":
    main()
