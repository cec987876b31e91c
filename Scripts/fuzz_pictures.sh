#!/usr/bin/env bash
# Decodes damaged pictures of every format under AddressSanitizer; undefined behaviour in the C code
# ends it as well.
#
#   Scripts/fuzz_pictures.sh                       200,000 files of each format
#   Scripts/fuzz_pictures.sh 1000 7 webp gif       1000 of WebP and GIF, from seed 7
source "$(dirname "$0")/environment.sh"
Scripts/install-dependencies.sh
options=(
  --package-path Scripts/FuzzPictures --scratch-path .build/fuzz -c release --sanitize=address
  -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined)
swift build "${options[@]}"
exec "$(swift build "${options[@]}" --show-bin-path)/FuzzPictures" \
  Tests/CNNImageTests/Fixtures/pictures "${1:-200000}" "${2:-1}" "${@:3}"
