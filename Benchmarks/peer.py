"""Measures one peer on one network and prints a line of JSON.

    peer.py PEER NETWORK BATCH --threads 2 --folder WORK [--seconds 2] [--prepare]

--prepare only exports the network.
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import statistics
import time

import numpy as np
import torch
import torch._inductor.config as inductor

from networks import build, example


def onnx_file(name, batch, folder):
    path = os.path.join(folder, f"{name}-{batch}.onnx")
    if not os.path.exists(path):
        torch.onnx.export(
            build(name), example(name, batch), path, input_names=["x"], output_names=["y"],
            dynamo=False)
    return path


def onnxruntime_fp32(name, batch, threads, folder):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        onnx_file(name, batch, folder), options, providers=["CPUExecutionProvider"])
    x = example(name, batch).numpy()
    return lambda: session.run(None, {"x": x})


def openvino(precision):
    def prepare(name, batch, threads, folder):
        import openvino as ov
        core = ov.Core()
        model = core.compile_model(
            core.read_model(onnx_file(name, batch, folder)), "CPU",
            {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
             "INFERENCE_PRECISION_HINT": precision})
        request = model.create_infer_request()
        request.set_input_tensor(ov.Tensor(example(name, batch).numpy()))
        return request.infer
    return prepare


def fastest(ways):
    """A peer is measured at its own best."""
    def seconds(run):
        run()
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            run()
            times.append(time.perf_counter() - begin)
        return statistics.median(times)
    return min(ways, key=seconds)


def ncnn_fp32(name, batch, threads, folder):
    """It has no batches: one picture after the other on all threads, or many at once on one each."""
    parameters = os.path.join(folder, f"{name}.ncnn.param")
    if not os.path.exists(parameters):
        import pnnx
        pnnx.export(build(name), os.path.join(folder, f"{name}.pt"), example(name, 1))
    pictures = [np.ascontiguousarray(x) for x in example(name, batch).numpy()]
    alone = ncnn_runner(parameters, threads)

    def one_by_one():
        for picture in pictures:
            alone(picture)
    if batch == 1 or threads == 1:
        return one_by_one
    beside = ncnn_runner(parameters, 1)
    pool = concurrent.futures.ThreadPoolExecutor(threads)
    return fastest([one_by_one, lambda: list(pool.map(beside, pictures))])


def ncnn_runner(parameters, threads):
    import ncnn
    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = False
    # Sums in 16 bits would be another precision; the linear weights are stored in 16 bits anyway.
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    net.load_param(parameters)
    net.load_model(parameters.replace(".param", ".bin"))

    def run(picture):
        with net.create_extractor() as extractor:
            extractor.input("in0", ncnn.Mat(picture))
            np.array(extractor.extract("out0")[1])
    return run


def pytorch(name, batch, threads, folder):
    """Channels last, as it is, frozen, and compiled with frozen weights: the fastest of them."""
    torch.set_num_threads(threads)
    network = build(name).to(memory_format=torch.channels_last)
    x = example(name, batch).to(memory_format=torch.channels_last)
    ways = [network, torch.jit.optimize_for_inference(torch.jit.trace(network, x))]
    if shutil.which("g++") or shutil.which("clang++"):
        inductor.freezing = True
        ways.append(torch.compile(network))

    def runner(network):
        def run():
            with torch.inference_mode():
                network(x)
        return run
    return fastest([runner(network) for network in ways])


PEERS = {
    "onnxruntime": onnxruntime_fp32,
    "ncnn": ncnn_fp32,
    "openvino-f32": openvino("f32"),
    "openvino-bf16": openvino("bf16"),
    "pytorch": pytorch,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("network")
    parser.add_argument("batch", type=int)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--prepare", action="store_true")
    arguments = parser.parse_args()
    run = PEERS[arguments.peer](
        arguments.network, arguments.batch, arguments.threads, arguments.folder)
    start = time.perf_counter()
    while True:
        run()
        if time.perf_counter() - start > 0.3:
            break
    if arguments.prepare:
        return
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < arguments.seconds:
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) * 1e3)
    print(json.dumps({"median_ms": statistics.median(times), "min_ms": min(times)}))


main()
