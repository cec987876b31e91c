#!/usr/bin/env bash
# Fails if a C target defines a symbol without the prefix cnn_: C names are global in a program, and
# programs of others contain this package. Needs a release build.
source "$(dirname "$0")/environment.sh"
folder="$(swift build -c release --show-bin-path)"
foreign="$(
  find "$folder" -path '*.build/*.c.o' -print0 \
    | grep -z -E '/(CNN[A-Za-z]*)\.build/' \
    | xargs -0 nm -g --defined-only 2>/dev/null \
    | awk 'NF == 3 && $3 !~ /^_?cnn_/ { print $3 }' | sort -u
)"
if [ -n "$foreign" ]; then
  echo "C symbols without the prefix cnn_: $foreign" >&2
  exit 1
fi
