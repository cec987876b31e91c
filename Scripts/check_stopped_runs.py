#!/usr/bin/env python3
"""Stops `cnn finetune` at any moment and checks that the run ends with the same bytes all the same.

One run of each kind (frozen layers with cached features; everything trained) is left alone. Others
are ended by SIGKILL and by SIGTERM at moments all over the run, most of them several times, meet a
full disk or a file size limit, and are started again with other numbers of threads until they end
by themselves: best.safetensors, last.safetensors and log.csv have to be those of the run that was
left alone, and no file may be left behind. A second run in a folder has to be refused.

    swift build -c release --product cnn
    Scripts/check_stopped_runs.py
    Scripts/check_stopped_runs.py --killed 5 --terminated 5 --seed 2
    Scripts/check_stopped_runs.py --model resnet18 --weights resnet18.npz --pictures cats-vs-dogs

Pictures and weights are made from a seed unless they are given. The full disk needs root, for a
small tmpfs, and is left out without. Ends with 1 where anything differs; the folders of such runs
stay for a look at them.
"""
import argparse
import collections
import itertools
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from draw_sample_picture import png
from stopped_run import Process, Run

FROZEN = (
    "--freeze conv --head 32 --dropout 0.25 --flip --color-shift 0.1 --variants 4 --batch 16"
    " --schedule plateau --decay-epochs 1 --warmup-steps 3 --patience 90 --epochs 8"
).split()
UNFROZEN = (
    "--freeze none --flip --batch 16 --optimizer adam --schedule cosine --weight-decay 0.01"
    " --epochs 3"
).split()
# What changes files, but for the many writes into files that have no name yet.
CALLS = "fsync,link,linkat,rename,renameat,unlink,mkdir,pwrite64,ftruncate"
SMALL_FROZEN = "--model squeezenet1.1 --random-weights 1 --input 96".split()
SMALL_UNFROZEN = "--model cifar-resnet20 --random-weights 1".split()


def draw_pictures(folder, count=80, size=40):
    """Noise, brighter on the side that is the picture's class."""
    folder.mkdir()
    numbers = random.Random(7)
    for index in range(count):
        name = ("left", "right")[index % 2]
        rows = []
        for _ in range(size):
            bright = [(x < size // 2) == (name == "left") for x in range(size)]
            rows.append(
                bytes(numbers.randrange(90) + (130 if b else 90) for b in bright for _ in "RGB"))
        (folder / f"{name}.{index}.png").write_bytes(png(size, rows))


class Check:
    """What all checks share: the undisturbed runs, and what was found."""

    def __init__(self, options, folder):
        self.numbers = random.Random(options.seed)
        self.folder = folder
        self.cnn = options.cnn
        self.pictures = pathlib.Path(options.pictures) if options.pictures else folder / "pictures"
        if not options.pictures:
            draw_pictures(self.pictures)
        given = ["--model", options.model] if options.model else []
        given += ["--weights", options.weights] if options.weights else []
        self.kinds = {
            "frozen": (given or SMALL_FROZEN) + FROZEN,
            "unfrozen": (given or SMALL_UNFROZEN) + UNFROZEN,
        }
        self.notes = folder / "notes"
        self.notes.mkdir()
        self.failed = False
        self.whole = {kind: self.new_run(kind, "undisturbed") for kind in self.kinds}
        for kind, run in self.whole.items():
            run.start().wait_for(0)
            print(f"undisturbed, {kind}: {run.seconds:.1f} s", flush=True)

    def new_run(self, kind, name, parent=None):
        folder = (parent or self.folder) / f"{name}-{kind}"
        return Run(self.cnn, self.kinds[kind] + [str(self.pictures)], folder, self.notes)

    def phases(self):
        """What a stop aims at, in turn. Nothing is cached where everything is trained."""
        phases = {kind: list(Process.PHASES) for kind in self.kinds}
        phases["unfrozen"].remove("features")
        return {kind: itertools.cycle(names) for kind, names in phases.items()}

    def threads(self):
        return self.numbers.choice([1, 2, 4])

    def expect_same(self, run, kind):
        run.expect_same_as(self.whole[kind])

    def repeat(self, words, count, one):
        """Calls `one(index, kind)` for run after run; it returns what it saw, or raises."""
        seen, good = collections.Counter(), 0
        for index in range(count):
            kind = list(self.kinds)[index % len(self.kinds)]
            try:
                seen.update(one(index, kind))
                good += 1
            except (AssertionError, subprocess.TimeoutExpired) as error:
                print(f"{words}, {kind} {index}: {error}", flush=True)
                self.failed = True
        found = ", ".join(f"{key} {number}" for key, number in seen.most_common())
        if count:
            print(f"{good} of {count} {words} ended with the same bytes ({found})", flush=True)

    # Stopped at any moment

    def stop(self, number, expected, count):
        phases = self.phases()

        def one(index, kind):
            run, seen = self.new_run(kind, f"{number.name}-{index}"), []
            wanted = self.numbers.randint(1, 4)
            # The first stops of all runs are spread evenly over the time that one takes.
            share = (index + self.numbers.random()) / count
            while len(seen) < wanted:
                process = run.start(threads=self.threads())
                if not seen:
                    process.sleep(share * self.whole[kind].seconds)
                else:
                    process.await_phase(next(phases[kind]), self.numbers)
                phase = process.signal(number)
                if process.wait_for(expected, 0) == expected:
                    seen.append(phase)
                # It was over before, or as good as over.
                elif seen:
                    break
                else:
                    share *= self.numbers.random()
                    run.clear()
            run.start(threads=self.threads()).wait_for(0)
            self.expect_same(run, kind)
            run.remove()
            return seen

        self.repeat({9: "killed runs", 15: "terminated runs"}[number], count, one)

    def kill_at_calls(self, count):
        """Kills each run right before one of the system calls that change files."""
        if not shutil.which("strace"):
            return print("killed before a system call: left out, there is no strace")
        counts = {}
        for kind in self.kinds:
            run, trace = self.new_run(kind, "traced"), self.notes / f"trace-{kind}"
            run.start(under=["strace", "-f", "-e", f"trace={CALLS}", "-o", trace]).wait_for(0)
            names = re.findall(r"^\d+ +(\w+)\(.* = \d+$", trace.read_text(), re.MULTILINE)
            counts[kind] = sorted(collections.Counter(names).items())

        def one(index, kind):
            run = self.new_run(kind, f"call-{index}")
            name, number = counts[kind][index // len(self.kinds) % len(counts[kind])]
            inject = f"inject={name}:signal=KILL:when={self.numbers.randint(1, number)}"
            run.start(under=["strace", "-f", "-o", "/dev/null", "-e", inject]).wait_for(-9)
            run.start(threads=self.threads()).wait_for(0)
            self.expect_same(run, kind)
            run.remove()
            return [name]

        self.repeat("runs killed before a system call", count, one)

    # No room

    def full_disk(self, count):
        disk = self.folder / "disk"
        disk.mkdir()
        phases = self.phases()

        def one(index, kind):
            mounted = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], capture_output=True)
            assert mounted.returncode == 0, mounted.stderr.decode().strip()
            try:
                run = self.new_run(kind, f"full-{index}", parent=disk)
                return self.fill_and_go_on(run, kind, disk, next(phases[kind]))
            finally:
                subprocess.run(["umount", disk], check=True)

        probe = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True)
        if probe.returncode != 0:
            return print(f"full disk: left out, {probe.stderr.decode().strip()}")
        subprocess.run(["umount", disk], check=True)
        self.repeat("runs on a full disk", count, one)

    def fill_and_go_on(self, run, kind, disk, phase):
        ballast = disk / "ballast"
        # From nothing to nearly a checkpoint, so that now these, now those writes fail.
        share = 0 if phase == "report" else max(0, self.numbers.uniform(-0.5, 0.9))
        room = int(self.whole[kind].last.stat().st_size * share)
        process = run.start()
        process.await_phase(phase, self.numbers)
        phase = process.fill(ballast, disk, room)
        if process.wait_for(5, 0) == 0:
            # It had nothing more to write that needed so much room.
            run.clear()
            ballast.unlink(missing_ok=True)
            return self.fill_and_go_on(run, kind, disk, next(self.phases()[kind]))
        process.expect_one_error()
        run.expect_usable(self.cnn, self.pictures)
        run.start().wait_for(5).expect_one_error()
        run.expect_usable(self.cnn, self.pictures)
        ballast.unlink()
        run.start().wait_for(0)
        self.expect_same(run, kind)
        return [phase]

    def size_limit(self, count):
        def one(index, kind):
            run = self.new_run(kind, f"limit-{index}")
            process = run.start()
            process.await_phase("writing", self.numbers)
            process.signal(signal.SIGTERM)
            process.wait_for(143, 0)
            run.start(size_limit=run.last.stat().st_size // 2).wait_for(5).expect_one_error()
            run.expect_usable(self.cnn, self.pictures)
            run.start().wait_for(0)
            self.expect_same(run, kind)
            run.remove()
            return ["limited"]

        self.repeat("runs under a file size limit", count, one)

    # Two in one folder

    def two_in_a_folder(self, count):
        def one(index, kind):
            run = self.new_run(kind, f"two-{index}")
            first = run.start()
            first.await_phase("training", self.numbers)
            second = run.start().wait_for(5)
            second.expect_one_error("another process is training in this folder")
            first.wait_for(0)
            self.expect_same(run, kind)
            run.remove()
            return ["refused"]

        self.repeat("runs whose folder a second one wanted", count, one)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    build = pathlib.Path(__file__).resolve().parent.parent / ".build/release/cnn"
    parser.add_argument("--cnn", default=str(build), help="the command")
    parser.add_argument("--model", help="the network of both kinds of run")
    parser.add_argument("--weights", help="its weights")
    parser.add_argument("--pictures", help="a data set")
    parser.add_argument("--killed", type=int, default=30)
    parser.add_argument("--terminated", type=int, default=30)
    parser.add_argument("--calls", type=int, default=30, help="runs killed before a system call")
    parser.add_argument("--full", type=int, default=8, help="runs that meet a full disk")
    parser.add_argument("--limited", type=int, default=2)
    parser.add_argument("--doubled", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stopped-runs-"))
    check = Check(options, folder)
    check.stop(signal.SIGKILL, -signal.SIGKILL, options.killed)
    check.stop(signal.SIGTERM, 143, options.terminated)
    check.kill_at_calls(options.calls)
    check.full_disk(options.full)
    check.size_limit(options.limited)
    check.two_in_a_folder(options.doubled)
    if check.failed:
        sys.exit(f"see {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
