#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests, optimised because they run whole networks. Then
# checks the documentation and the examples.
#
#   Scripts/test.sh              everything
#   Scripts/test.sh --filter X   only tests whose names contain X
source "$(dirname "$0")/environment.sh"
Scripts/install-dependencies.sh
Scripts/check-style.sh
# Some tests look inside their module, which an optimised build must be told to allow.
options=(-c release -Xswiftc -enable-testing)
swift build "${options[@]}" --product cnn
Scripts/check-symbols.sh
swift test "${options[@]}" "$@"
if [ $# -eq 0 ]; then
  Scripts/documentation.sh
  echo "All tests passed."
fi
