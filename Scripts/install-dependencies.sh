#!/usr/bin/env bash
# Installs the system libraries that the package links, and only those that are missing.
set -euo pipefail

missing=()
for library in openblas libjpeg libpng libwebpdemux zlib; do
  if ! pkg-config --exists "$library" 2>/dev/null; then missing+=("$library"); fi
done
# Only some systems add a file for pkg-config to giflib.
if ! pkg-config --exists libgif 2>/dev/null && [ ! -e /usr/include/gif_lib.h ]; then
  missing+=(giflib)
fi

if [ "$(uname)" = Darwin ]; then
  if ! command -v brew >/dev/null; then
    echo "Homebrew is needed to install the libraries: https://brew.sh" >&2
    exit 1
  fi
  for formula in pkgconf openblas jpeg-turbo libpng webp giflib; do
    brew list --versions "$formula" >/dev/null || brew install "$formula"
  done
  exit 0
fi

if command -v pkg-config >/dev/null && [ ${#missing[@]} -eq 0 ]; then exit 0; fi

if ! command -v apt-get >/dev/null; then
  echo "Install pkg-config and the headers of: ${missing[*]:-pkg-config}; this system has no apt." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi

packages=(pkg-config)
"${as_root[@]}" apt-get update -qq
for library in ${missing[@]+"${missing[@]}"}; do
  case "$library" in
    openblas) packages+=(libopenblas-dev) ;;
    libpng) packages+=(libpng-dev) ;;
    libwebpdemux) packages+=(libwebp-dev) ;;
    giflib) packages+=(libgif-dev) ;;
    zlib) packages+=(zlib1g-dev) ;;
    libjpeg)
      # Debian and Ubuntu call libjpeg-turbo's headers by different names.
      for name in libjpeg62-turbo-dev libjpeg-turbo8-dev libjpeg-dev; do
        if [ -n "$(apt-cache search --names-only "^$name\$")" ]; then
          packages+=("$name")
          break
        fi
      done
      ;;
  esac
done
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "${packages[@]}"
