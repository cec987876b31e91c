"""Compares a step of fine-tuning with PyTorch's: VGG16's classifier 25088-4096-4096-2.

    training_step.py --cnn PATH [--batches 64 256] [--rounds 3]

A step is the forward pass with dropout, the loss, the backward pass and the update by SGD with momentum
and weight decay, on given features. Both run alternately, each in a process of its own, as in compare.py.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import sys
import time

from compare import append, header, run


def pytorch_step(batch, threads, seconds):
    import torch
    from torch import nn
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    head = nn.Sequential(
        nn.Linear(25088, 4096), nn.ReLU(True), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(True),
        nn.Dropout(), nn.Linear(4096, 2))
    # `fused` is the fastest of its three ways to update.
    optimizer = torch.optim.SGD(
        head.parameters(), lr=1e-6, momentum=0.9, weight_decay=5e-4, fused=True)
    features, labels = torch.rand(batch, 25088) * 4 - 2, torch.arange(batch) % 2
    times, start = [], time.perf_counter()
    while len(times) < 7 or time.perf_counter() - start < seconds:
        begin = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(head(features), labels).backward()
        optimizer.step()
        times.append(1e3 * (time.perf_counter() - begin))
    print(statistics.median(times[2:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cnn")
    parser.add_argument("--batches", nargs="+", type=int, default=[64, 256])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--pytorch", action="store_true", help="only one measurement of PyTorch")
    options = parser.parse_args()
    if options.pytorch:
        pytorch_step(options.batches[0], options.threads, options.seconds)
        return
    for batch in options.batches:
        common = ["--threads", str(options.threads), "--seconds", str(options.seconds)]
        ours = [
            options.cnn, "bench", "--model", "vgg16", "--training", "conv", "--classes", "2",
            "--batch", str(batch), "--json"] + common
        theirs = [sys.executable, os.path.abspath(__file__), "--pytorch", "--batches", str(batch)]
        pairs = [
            (json.loads(run(ours))["median_ms"], float(run(theirs + common)))
            for _ in range(options.rounds)]
        row = {
            "network": "vgg16, training step of fc6-fc8", "batch": batch, "precision": "fp32",
            "kernels": "", "peer": "pytorch",
            "peer_version": importlib.metadata.version("torch"), "rounds": options.rounds,
            "ours_ms": round(statistics.median(pair[0] for pair in pairs), 1),
            "peer_ms": round(statistics.median(pair[1] for pair in pairs), 1),
            "ratio": round(statistics.median(pair[0] / pair[1] for pair in pairs), 3)}
        append([dict(header(options), **row)])
        print(
            f"batch {batch}: ours {row['ours_ms']} ms, PyTorch {row['peer_ms']} ms, "
            f"ratio {row['ratio']:.3f}", flush=True)


if __name__ == "__main__":
    main()
