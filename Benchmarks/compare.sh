#!/usr/bin/env bash
# Installs the peers into a virtual environment, builds `cnn`, and compares them on this machine.
#
#   Benchmarks/compare.sh                                   all networks, batch 1 and 8, cold start
#   Benchmarks/compare.sh --networks vgg16 --batches 1      some of them; see compare.py --help
#   Benchmarks/compare.sh --cold                            whole processes only
#
# CNN_BENCHMARK_PYTHON names a Python that has the peers already; then nothing is installed.
source "$(dirname "$0")/../Scripts/environment.sh"
work="$PWD/.build/benchmarks"
mkdir -p "$work"
python="${CNN_BENCHMARK_PYTHON:-$work/venv/bin/python}"
if [ -z "${CNN_BENCHMARK_PYTHON:-}" ] && [ ! -e "$work/venv/installed" ]; then
  python3 -m venv "$work/venv"
  "$python" -m pip install --extra-index-url https://download.pytorch.org/whl/cpu \
    numpy pillow torch onnx onnxruntime openvino ncnn pnnx
  touch "$work/venv/installed"
fi
swift build -c release --product cnn
cnn="$(swift build -c release --show-bin-path)/cnn"
if [ "${1:-}" != --cold ]; then
  "$python" Benchmarks/compare.py --cnn "$cnn" --folder "$work" "$@"
fi
if [ $# -eq 0 ] || [ "${1:-}" = --cold ]; then
  "$python" Benchmarks/cold_start.py --cnn "$cnn" --folder "$work"
fi
echo
"$python" Benchmarks/table.py
