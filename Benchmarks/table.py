"""Prints the README's table from results.csv: the newest result of each comparison.

    table.py                  prints it
    table.py --write FILE     replaces what stands between the markers in FILE
"""

import argparse
import csv
import os
import re
import statistics
import sys

BEGIN, END = "<!-- benchmarks: made by Benchmarks/table.py -->", "<!-- end of benchmarks -->"
# The peers that run networks, a column each; all other comparisons have a line each.
PEERS = ["onnxruntime", "ncnn", "openvino-f32", "openvino-bf16", "pytorch"]


def rows():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results.csv")
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def newest_rows():
    """The newest row of each comparison; later lines of the file are newer."""
    keys = ["processor", "threads", "network", "batch", "precision", "kernels", "peer"]
    return list({tuple(row[key] for key in keys): row for row in rows()}.values())


def network_lines(rows):
    groups = {}
    for row in rows:
        key = (row["network"], row["batch"], f"{row['precision']} {row['kernels']}")
        groups.setdefault(key, {})[row["peer"]] = row
    lines = [
        "| network | batch | ours | ms | " + " | ".join(PEERS) + " |",
        "|---|---|---|---|" + "---|" * len(PEERS)]
    for (network, batch, engine), peers in groups.items():
        time = statistics.median(float(row["ours_ms"]) for row in peers.values())
        cells = [f"{float(peers[p]['ratio']):.2f}" if p in peers else "" for p in PEERS]
        lines.append(f"| {network} | {batch} | {engine} | {time:.1f} | " + " | ".join(cells) + " |")
    return lines


def number(seconds):
    return f"{seconds:.3f}" if seconds < 10 else f"{seconds:.0f}"


def other_lines(rows):
    lines = ["| work | batch | peer | our seconds | its seconds | ratio |", "|---|---|---|---|---|---|"]
    for row in rows:
        ours, theirs = (float(row[key]) / 1000 for key in ("ours_ms", "peer_ms"))
        lines.append(
            f"| {row['network']} | {row['batch']} | {row['peer']} | {number(ours)} | "
            f"{number(theirs)} | "
            f"{float(row['ratio']):.2f} |")
    return lines


def table():
    lines = []
    newest = newest_rows()
    for processor, threads in sorted({(row["processor"], row["threads"]) for row in newest}):
        shown = [r for r in newest if (r["processor"], r["threads"]) == (processor, threads)]
        dates = sorted({row["date"] for row in shown})
        period = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        versions = sorted({f"{re.split(r'[-,]', r['peer'].split(' + ')[-1])[0]} {r['peer_version']}" for r in shown})
        # A network that runs was computed by named kernels.
        networks = [row for row in shown if row["kernels"]]
        others = [row for row in shown if not row["kernels"]]
        lines += [
            f"{processor}, {threads} threads, {period}. "
            "Our time as a share of the peer's; below 1 is faster.", ""]
        lines += network_lines(networks) + [""] if networks else []
        lines += other_lines(others) + [""] if others else []
        lines += ["Versions: " + ", ".join(versions) + ".", ""]
    return "\n".join(lines[:-1])


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
