# Sourced by the other scripts: finds the package, and on a Mac the libraries that Homebrew hides.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "$(uname)" = Darwin ] && command -v brew >/dev/null; then
  for formula in openblas jpeg-turbo libpng webp zlib; do
    folder="$(brew --prefix "$formula" 2>/dev/null)/lib/pkgconfig"
    if [ -d "$folder" ]; then export PKG_CONFIG_PATH="$folder:${PKG_CONFIG_PATH:-}"; fi
  done
  # giflib has no file for pkg-config.
  giflib="$(brew --prefix giflib 2>/dev/null || true)"
  if [ -d "$giflib/lib" ]; then
    export CPATH="$giflib/include${CPATH:+:$CPATH}"
    export LIBRARY_PATH="$giflib/lib${LIBRARY_PATH:+:$LIBRARY_PATH}"
  fi
fi
# Without it a test that crashes on purpose waits for a debugger.
export SWIFT_BACKTRACE=enable=no
