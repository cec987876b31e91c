"""A run of `cnn finetune` and the processes that work on it, for check_stopped_runs.py."""
import filecmp
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import time


class Process:
    """One process of a run."""

    # In the order in which a run goes through them.
    PHASES = ["starting", "pictures", "features", "training", "writing", "report"]
    # About how long each of them takes, in seconds.
    DURATIONS = [0.005, 0.02, 0.15, 0.5, 0.002, 0.03]
    TIMEOUT = 600

    def __init__(self, command, run, size_limit):
        self.run = run
        number = len(run.processes)
        self.output = run.notes / f"{run.folder.name}-{number}.out"
        self.errors = run.notes / f"{run.folder.name}-{number}.err"
        self.began = time.monotonic()
        limit = (size_limit, size_limit)
        with open(self.output, "wb") as output, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=errors, stdin=subprocess.DEVNULL,
                env=os.environ | {"CNN_CACHE": str(run.cache), "SWIFT_BACKTRACE": "enable=no"},
                preexec_fn=size_limit
                and (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)))

    def wait_for(self, *statuses):
        """Waits for the end, which has to be one of these statuses."""
        status = self.process.wait(self.TIMEOUT)
        # As a shell tells it: a SIGTERM that comes before anything could be saved ends at once.
        status = 143 if status == -signal.SIGTERM else status
        self.run.seconds = time.monotonic() - self.began
        assert status in statuses, (
            f"exit status {status}, expected {statuses}: {self.errors.read_text()}")
        return status if len(statuses) > 1 else self

    def expect_one_error(self, words=""):
        errors = [line for line in self.errors.read_text().splitlines() if "cnn: error: " in line]
        assert len(errors) == 1 and words in errors[0], f"{self.errors.read_text()}"

    def sleep(self, seconds):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def await_phase(self, phase, numbers):
        """Waits until the process is there, and about as long as not to be beyond."""
        while self.process.poll() is None and self.phase() != phase:
            time.sleep(0.0002)
        self.sleep(numbers.random() * self.DURATIONS[self.PHASES.index(phase)])

    def signal(self, number):
        """Sends the signal and returns what the process was doing; None where it had ended."""
        phase = self.stopped_phase()
        if phase:
            self.process.send_signal(number)
            self.process.send_signal(signal.SIGCONT)
        return phase

    def fill(self, ballast, disk, room):
        """Leaves so many bytes free on the disk, as `signal`."""
        phase = self.stopped_phase()
        if phase:
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            with open(ballast, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(1, free - room))
            self.process.send_signal(signal.SIGCONT)
        return phase

    def stopped_phase(self):
        """Makes the process hold still, so that what it is doing can be seen."""
        if self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGSTOP)
        while self.process.poll() is None:
            stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
            if stat.rsplit(")")[-1].split()[0] == "T":
                return self.phase()
        return None

    def phase(self):
        said = self.errors.read_text()
        epochs = re.findall(r"^ +(\d+) ", self.output.read_text(), re.MULTILINE)
        if "over already" in said or (epochs and int(epochs[-1]) == self.run.epochs):
            return "report"
        if "the run is in" not in said:
            return "starting"
        files = self.open_files()
        if "training " not in said:
            return "features" if any(str(self.run.cache) in name for name in files) else "pictures"
        # A file that is being written has no name yet.
        own = [name for name in files if str(self.run.run) in name]
        is_writing = any("(deleted)" in name or ".tmp" in name for name in own)
        return "writing" if is_writing else "training"

    def open_files(self):
        names = []
        folder = pathlib.Path(f"/proc/{self.process.pid}/fd")
        try:
            for entry in os.listdir(folder):
                names.append(os.readlink(folder / entry))
        except OSError:
            pass
        return names


class Run:
    """A run in a folder of its own, with its own cache of features."""

    def __init__(self, cnn, arguments, folder, notes):
        self.command = [cnn, "finetune", *arguments, "--run", str(folder / "run")]
        self.folder, self.notes = folder, notes
        self.run, self.cache = folder / "run", folder / "cache"
        self.last, self.best = self.run / "last.safetensors", self.run / "best.safetensors"
        self.epochs = int(arguments[arguments.index("--epochs") + 1])
        self.processes = []
        self.seconds = 0.0
        folder.mkdir()

    def start(self, threads=2, size_limit=None, under=()):
        """A process; `under` is a command that runs it."""
        process = Process([*under, *self.command, "--threads", str(threads)], self, size_limit)
        self.processes.append(process)
        return process

    def clear(self):
        shutil.rmtree(self.run, ignore_errors=True)
        shutil.rmtree(self.cache, ignore_errors=True)

    def remove(self):
        shutil.rmtree(self.folder)

    def expect_usable(self, cnn, pictures):
        """Every checkpoint that is there can be predicted with."""
        picture = next(path for path in sorted(pictures.rglob("*")) if path.is_file())
        for name in ["last", "previous", "best"]:
            weights = self.run / f"{name}.safetensors"
            if not weights.exists():
                continue
            prediction = subprocess.run(
                [cnn, "predict", "--weights", weights, picture], capture_output=True, text=True)
            assert prediction.returncode == 0, f"{weights}: {prediction.stderr}"

    def expect_same_as(self, whole):
        """The same models, the same log but for the clock, and the same files."""
        for path in [self.last, self.best]:
            assert filecmp.cmp(path, whole.run / path.name, shallow=False), f"{path} differs"
        assert self.log() == whole.log(), f"{self.run}/log.csv differs"
        mine, theirs = self.files(), whole.files()
        assert mine == theirs, f"{self.run}: {sorted(mine ^ theirs)} are not in both"

    def log(self):
        """The lines without their seconds."""
        lines = (self.run / "log.csv").read_text().splitlines()
        return [line.rsplit(",", 1)[0] for line in lines]

    def files(self):
        """The names of all files but those that are named by the clock."""
        names = {str(path.relative_to(self.run)) for path in self.run.rglob("*")}
        return {name for name in names if not name.startswith("events/")}
