"""Compares `cnn` with its peers on this machine and appends the results to results.csv.

    compare.py --cnn PATH --folder WORK [--networks vgg16 ...] [--batches 1 8] [--peers ...]

Ours and a peer run alternately, each in a process of its own, so that a change of the machine's speed
affects both. A ratio is the median, over the rounds, of our time divided by the peer's next time.
"""

import argparse
import csv
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(HERE, "results.csv")
COLUMNS = [
    "date", "processor", "threads", "revision", "network", "batch", "precision", "kernels", "peer",
    "peer_version", "rounds", "ours_ms", "peer_ms", "ratio"]
NETWORKS = {
    "vgg16": "vgg16", "alexnet": "alexnet", "resnet18": "resnet18", "resnet50": "resnet50",
    "squeezenet": "squeezenet1.0"}
PACKAGES = {
    "onnxruntime": "onnxruntime", "ncnn": "ncnn", "openvino-f32": "openvino",
    "openvino-bf16": "openvino", "pytorch": "torch"}


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            text = file.read()
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(
        (line.split(":")[0].strip(), line.split(":")[1].strip())
        for line in text.split("\n\n")[0].splitlines() if ":" in line)
    name = fields.get("model name", platform.machine())
    # Virtual machines hide the name; family and model tell the generation.
    return f"{name} (family {fields.get('cpu family', '?')} model {fields.get('model', '?')})"


def revision():
    def git(*arguments):
        command = ["git", "-C", HERE, *arguments]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    # The rows themselves are no change of what is measured.
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":!results.csv")
    return git("describe", "--always") + ("-dirty" if changed else "")


def run(command, **environment):
    process = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=dict(os.environ, **environment))
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{process.stderr[-2000:]}")
    return process.stdout


def ours(options, network, batch):
    environment = {"CNN_KERNELS": options.kernels} if options.kernels else {}
    output = run(
        [options.cnn, "bench", "--model", NETWORKS[network], "--batch", str(batch), "--threads",
         str(options.threads), "--precision", options.precision, "--seconds",
         str(options.seconds), "--json"], **environment)
    return json.loads(output)


def peer_command(options, peer, network, batch):
    return [
        sys.executable, os.path.join(HERE, "peer.py"), peer, network, str(batch), "--threads",
        str(options.threads), "--folder", options.folder, "--seconds", str(options.seconds)]


def compare(options, network, batch, peer):
    run(peer_command(options, peer, network, batch) + ["--prepare"])
    pairs = []
    for _ in range(options.rounds):
        mine = ours(options, network, batch)
        output = run(peer_command(options, peer, network, batch))
        theirs = json.loads(output.splitlines()[-1])
        pairs.append((mine["median_ms"], theirs["median_ms"]))
    return {
        "network": network, "batch": batch, "precision": options.precision,
        "kernels": mine["kernels"], "peer": peer,
        "peer_version": importlib.metadata.version(PACKAGES[peer]), "rounds": options.rounds,
        "ours_ms": round(statistics.median(pair[0] for pair in pairs), 3),
        "peer_ms": round(statistics.median(pair[1] for pair in pairs), 3),
        "ratio": round(statistics.median(pair[0] / pair[1] for pair in pairs), 3)}


def append(rows):
    is_new = not os.path.exists(RESULTS)
    with open(RESULTS, "a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerows(rows)


def header(options):
    return {
        "date": datetime.date.today().isoformat(), "processor": processor(),
        "threads": options.threads, "revision": revision()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cnn", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--peers", nargs="+", default=list(PACKAGES), choices=PACKAGES)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--kernels")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    facts = header(options)
    print(f"{facts['processor']}, {options.threads} threads, {options.precision}")
    print(f"{'network':12}{'batch':>6}  {'peer':15}{'ours ms':>10}{'peer ms':>10}{'ratio':>8}")
    for network in options.networks:
        for batch in options.batches:
            for peer in options.peers:
                row = compare(options, network, batch, peer)
                append([dict(facts, **row)])
                print(
                    f"{network:12}{batch:6}  {peer:15}{row['ours_ms']:10.2f}"
                    f"{row['peer_ms']:10.2f}{row['ratio']:8.2f}", flush=True)


if __name__ == "__main__":
    main()
