#!/usr/bin/env python3
"""Reads a folder of event files with TensorBoard's own reader and says what it shows.

    Scripts/check_events.py runs/cats/events --run
    Scripts/check_events.py events --scalar loss/train=1:0.5,2:0.25 --image pictures/cat=224x224

With --run it expects everything that a training writes of itself.

Needs tensorboard and pillow; ends with 77 where they are not installed, and with 1 where something
is missing, damaged or different from what the options expect.
"""
import argparse
import io
import math
import pathlib
import sys

try:
    from PIL import Image
    from tensorboard.backend.event_processing import event_file_loader
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util
except ImportError as error:
    print(f"not checked: {error}")
    sys.exit(77)


def count_events(folder):
    """The number of events of each file; a wrong checksum ends the reading early."""
    counts = {}
    for path in sorted(pathlib.Path(folder).glob("*tfevents*")):
        loader = event_file_loader.LegacyEventFileLoader(str(path))
        counts[path] = sum(1 for _ in loader.Load())
        read = sum(record_sizes(path))
        assert read == path.stat().st_size, f"{path}: {read} of {path.stat().st_size} bytes"
        assert counts[path] == len(record_sizes(path)), f"{path}: not all records were taken"
    assert counts, f"{folder}: no event files"
    return counts


def record_sizes(path):
    """The size of each record with its length and checksums, from the lengths alone."""
    data = path.read_bytes()
    sizes, position = [], 0
    while position < len(data):
        sizes.append(16 + int.from_bytes(data[position : position + 8], "little"))
        position += sizes[-1]
    return sizes


def check_scalar(events, expectation):
    tag, _, points = expectation.partition("=")
    expected = [tuple(map(float, point.split(":"))) for point in points.split(",")]
    found = [(event.step, event.value) for event in events.Scalars(tag)]
    assert [step for step, _ in found] == [step for step, _ in expected], f"{tag}: {found}"
    for (_, value), (_, number) in zip(found, expected):
        assert math.isclose(value, number, rel_tol=1e-5), f"{tag}: {found}"


def check_image(events, expectation):
    tag, _, size = expectation.partition("=")
    event = events.Images(tag)[0]
    image = Image.open(io.BytesIO(event.encoded_image_string))
    image.load()
    assert image.size == (event.width, event.height), f"{tag}: {image.size}"
    assert f"{event.width}x{event.height}" == size, f"{tag}: {event.width}x{event.height}"


def check_text(events, expectation):
    tag, _, text = expectation.partition("=")
    assert tag in events.summary_metadata, f"{tag}: not there"
    plugin = events.summary_metadata[tag].plugin_data.plugin_name
    assert plugin == "text", f"{tag}: shown by {plugin}"
    found = tensor_util.make_ndarray(events.Tensors(tag)[0].tensor_proto)
    assert found.ravel()[0].decode() == text, f"{tag}: {found}"


def check_run(events):
    """What a training writes: the same numbers for steps and epochs, pictures and its settings."""
    tags = events.Tags()
    numbers = {"loss", "accuracy", "learning_rate", "gradient_norm"}
    found = {tag: events.Scalars(tag) for tag in tags["scalars"]}
    expected = {f"step/{name}" for name in numbers} | {f"epoch/{name}" for name in numbers}
    expected |= {"epoch/validation_loss", "epoch/validation_accuracy"}
    assert set(found) == expected, f"scalars: {sorted(set(found) ^ expected)}"
    last = max(event.step for event in found["step/loss"])
    for name in numbers:
        steps = found[f"step/{name}"]
        assert [event.step for event in steps] == list(range(1, last + 1)), f"{name}: steps missing"
        ends = [event.step for event in found[f"epoch/{name}"]]
        assert ends == [event.step for event in found["epoch/validation_loss"]], f"{name}: {ends}"
    for kind in found:
        assert all(math.isfinite(event.value) for event in found[kind]), f"{kind}: not finite"
    mean_norm(found)
    samples = [tag for tag in tags["images"] if tag.startswith("samples/")]
    assert samples, "no sample pictures"
    for tag in samples:
        event = events.Images(tag)[0]
        check_image(events, f"{tag}={event.width}x{event.height}")
    assert "run" in events.summary_metadata, "the settings are missing"


def mean_norm(found):
    """The gradient norm of an epoch is the mean of its steps'."""
    first = 0
    for event in found["epoch/gradient_norm"]:
        steps = [step.value for step in found["step/gradient_norm"][first : event.step]]
        mean = sum(steps) / len(steps)
        assert math.isclose(event.value, mean, rel_tol=1e-5), f"epoch/gradient_norm: {event}"
        first = event.step


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    for kind in ("scalar", "image", "text"):
        parser.add_argument(f"--{kind}", action="append", default=[])
    parser.add_argument("--run", action="store_true")
    options = parser.parse_args()
    for path, count in count_events(options.folder).items():
        print(f"{path.name}: {count} events")
    events = EventAccumulator(
        options.folder, size_guidance={"scalars": 0, "images": 0, "tensors": 0}
    )
    events.Reload()
    tags = events.Tags()
    for kind in ("scalars", "images", "tensors"):
        for tag in tags[kind]:
            steps = [event.step for event in getattr(events, kind.capitalize())(tag)]
            print(f"{kind}: {tag}: {len(steps)} events, steps {steps[0]} to {steps[-1]}")
            assert steps == sorted(set(steps)), f"{tag}: steps are not in order"
    if options.run:
        check_run(events)
    for expectation in options.scalar:
        check_scalar(events, expectation)
    for expectation in options.image:
        check_image(events, expectation)
    for expectation in options.text:
        check_text(events, expectation)
    print("TensorBoard reads all of it")


if __name__ == "__main__":
    main()
