"""Prints the README's table from results.csv: the newest result of each comparison.

    table.py                  prints it
    table.py --write FILE     replaces what stands between the markers in FILE
"""

import argparse
import csv
import os
import sys

BEGIN, END = "<!-- benchmarks: made by Benchmarks/table.py -->", "<!-- end of benchmarks -->"
PEERS = ["onnxruntime", "ncnn", "openvino-f32", "openvino-bf16", "pytorch", "python + pytorch"]


def rows():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results.csv")
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def table():
    # Later lines of the file are newer.
    newest = {}
    for row in rows():
        key = (row["processor"], row["threads"], row["network"], row["batch"], row["precision"],
               row["kernels"])
        newest.setdefault(key, {})[row["peer"]] = row
    lines = []
    for machine in sorted({key[:2] for key in newest}):
        groups = {key: peers for key, peers in newest.items() if key[:2] == machine}
        shown = [peer for peer in PEERS if any(peer in peers for peers in groups.values())]
        versions = {
            f"{row['peer'].split('-')[0]} {row['peer_version']}"
            for peers in groups.values() for row in peers.values()}
        dates = sorted({row["date"] for peers in groups.values() for row in peers.values()})
        period = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        lines += [
            f"{machine[0]}, {machine[1]} threads, {period}. "
            "Our time as a share of the peer's; below 1 is faster.", "",
            "| network | batch | ours | ms | " + " | ".join(shown) + " |",
            "|---|---|---|---|" + "---|" * len(shown)]
        for key, peers in groups.items():
            _, _, network, batch, precision, kernels = key
            time = min(float(row["ours_ms"]) for row in peers.values())
            cells = [f"{float(peers[p]['ratio']):.2f}" if p in peers else "" for p in shown]
            name = " ".join(part for part in (precision, kernels) if part)
            lines.append(f"| {network} | {batch} | {name} | {time:.1f} | " + " | ".join(cells) + " |")
        lines += ["", "Versions: " + ", ".join(sorted(versions)) + "."]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", metavar="FILE")
    options = parser.parse_args()
    if not options.write:
        print(table())
        return
    with open(options.write) as file:
        text = file.read()
    if BEGIN not in text or END not in text:
        sys.exit(f"{options.write} has no markers: {BEGIN} ... {END}")
    before, rest = text.split(BEGIN, 1)
    with open(options.write, "w") as file:
        file.write(f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END, 1)[1]}")


main()
