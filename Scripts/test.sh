#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests, optimised: they run whole networks. Builds
# the example package too.
#
#   Scripts/test.sh              everything
#   Scripts/test.sh --filter X   only tests whose names contain X
source "$(dirname "$0")/environment.sh"
Scripts/install-dependencies.sh
Scripts/check-style.sh
swift build -c release --product cnn
Scripts/check-symbols.sh
swift test -c release "$@"
if [ $# -eq 0 ]; then
  # Another package that depends on this one, as a user's would.
  swift build --package-path Examples/ClassifyOneImage --scratch-path .build/examples
  echo "All tests passed."
fi
