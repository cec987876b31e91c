#!/usr/bin/env bash
# Installs what is missing, builds, and classifies a picture.
#
#   Scripts/demo.sh [PICTURE [MODEL [WEIGHTS]]]
#
# Without a picture it classifies Examples/sample.png. Without weights it uses random ones: the labels mean
# nothing then, but it shows that everything works and how long it takes.
source "$(dirname "$0")/environment.sh"
Scripts/install-dependencies.sh
swift build -c release --product cnn
cnn="$(swift build -c release --product cnn --show-bin-path)/cnn"

picture="${1:-Examples/sample.png}"
model="${2:-squeezenet1.0}"
weights="${3:-}"
if [ -n "$weights" ]; then
  time "$cnn" predict --model "$model" --weights "$weights" "$picture"
else
  echo "No weights were given: the labels below come from random numbers and mean nothing."
  time "$cnn" predict --model "$model" --random-weights 1 "$picture"
fi
