#!/usr/bin/env bash
# Checks the documentation by using it:
#
#   Scripts/documentation.sh             everything below
#   Scripts/documentation.sh code        compiles the Swift code in README.md, Documentation and articles
#   Scripts/documentation.sh reference   builds the reference with warnings as errors
#   Scripts/documentation.sh examples    runs the examples and compares their output
#
# The reference is built by the docc of the toolchain. The package does not depend on
# swift-docc-plugin, because SwiftPM would fetch a dependency of the root package for everybody who
# uses the libraries.
source "$(dirname "$0")/environment.sh"
build=.build/documentation
mkdir -p "$build"

# The Swift blocks of each page become the functions of a file, with the page's imports before them; a
# package that depends on this one compiles them, as a reader's would. A block that is part of
# something larger has comments before it: `<!-- swift: CODE -->` is compiled before the block, and
# `<!-- swift after: CODE -->` behind it.
check_code() {
  rm -rf "$build/code"
  mkdir -p "$build/code/Sources"
  cat > "$build/code/Package.swift" <<'PACKAGE'
// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "code", platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-cnn", path: "../../..")],
  targets: (Context.environment["PAGES"] ?? "").split(separator: " ").map { name in
    .target(
      name: String(name),
      dependencies: [
        .product(name: "CNNKit", package: "swift-cnn"),
        .product(name: "CNNTraining", package: "swift-cnn"),
        .product(name: "CNNRuns", package: "swift-cnn"),
      ])
  })
PACKAGE
  local page name total=0
  export PAGES=
  for page in README.md Documentation/*.md Sources/*/*.docc/*.md; do
    name="Page$(basename "$page" .md | tr -cd '[:alnum:]')"
    swift_blocks "$page" > "$build/blocks.swift"
    if [ ! -s "$build/blocks.swift" ]; then continue; fi
    mkdir -p "$build/code/Sources/$name"
    mv "$build/blocks.swift" "$build/code/Sources/$name/$name.swift"
    PAGES="$PAGES $name"
    total=$((total + $(grep -c '^```swift' "$page")))
  done
  swift build --package-path "$build/code" --scratch-path .build/examples
  echo "Swift code: $total blocks compiled."
}

# The Swift code of a page as declarations; nothing where it has none.
swift_blocks() {
  awk '
    function take(line) {
      if (line ~ /^(public )?import /) imports[line] = 1
      else body = body "  " line "\n"
    }
    function comment(line) { sub(/^<!-- swift( after)?: /, "", line); sub(/ -->$/, "", line); return line }
    /^<!-- swift: /       { before[++befores] = comment($0); next }
    /^<!-- swift after: / { after[++afters] = comment($0); next }
    /^```swift/ {
      inside = 1; body = ""
      for (i = 1; i <= befores; i++) take(before[i])
      befores = 0
      next
    }
    /^```/ && inside {
      inside = 0
      for (i = 1; i <= afters; i++) take(after[i])
      afters = 0
      effects = body ~ /await/ ? "async throws" : "throws"
      functions = functions "\nfunc block" ++count "() " effects " {\n" body "}\n"
      next
    }
    inside { take($0) }
    END {
      if (!count) exit
      for (line in imports) print line
      printf "%s", functions
    }' "$1"
}

# Every library with a catalogue. Symbols come from the modules of the debug build.
check_reference() {
  swift build
  local modules maps=() target
  modules="$(swift build --show-bin-path)"
  while IFS= read -r map; do maps+=(-Xcc "-fmodule-map-file=$map"); done < <(
    find "$PWD/Sources" "$PWD/.build/checkouts" -name module.modulemap -not -path '*/Tests/*'
    find "$modules"/CNN*.build -maxdepth 1 -name module.modulemap)
  target="$(swift -print-target-info | awk -F'"' '/"unversionedTriple"/ { print $4 }')"
  for catalogue in Sources/*/*.docc; do
    local name
    name="$(basename "$catalogue" .docc)"
    rm -rf "$build/$name"
    mkdir -p "$build/$name"
    swift symbolgraph-extract -module-name "$name" -I "$modules/Modules" -target "$target" \
      -minimum-access-level public -skip-inherited-docs -skip-synthesized-members \
      -output-dir "$build/$name" "${maps[@]}"
    docc convert "$catalogue" --additional-symbol-graph-dir "$build/$name" \
      --fallback-display-name "$name" --fallback-bundle-identifier "swift-cnn.$name" \
      --warnings-as-errors --output-path "$build/$name.doccarchive" > "$build/$name.log" 2>&1 \
      || { cat "$build/$name.log"; exit 1; }
    echo "Reference: $build/$name.doccarchive"
  done
}

# The examples on real weights and pictures, where there are some. Probabilities are compared with two
# decimals, because the last digits depend on the processor.
check_examples() {
  local data="${CNN_TEST_DATA:-}" example
  for example in ClassifyOneImage FineTuneCatsAndDogs; do
    swift build --package-path "Examples/$example" --scratch-path .build/examples
  done
  if [ ! -d "$data" ]; then
    echo "Examples: built, and not run: that needs the real weights and pictures in CNN_TEST_DATA."
    return
  fi
  local program
  program="$(swift build --package-path Examples/ClassifyOneImage --scratch-path .build/examples --show-bin-path)"
  "$program/ClassifyOneImage" resnet18 "$data/weights/resnet18_imagenet_torchvision_names.npz" \
    "$data/imagenet-photos/n02391049_zebra.JPEG" > "$build/output"
  compare_output ClassifyOneImage
  local folder
  folder="$(mktemp -d)"
  mkdir "$folder/pictures"
  for number in $(seq 0 29); do
    cp "$data/cats-vs-dogs/train/cat.$number.jpg" "$data/cats-vs-dogs/train/dog.$number.jpg" \
      "$folder/pictures" 2>/dev/null || true
  done
  (cd "$folder" && CNN_CACHE="$folder/cache" "$program/FineTuneCatsAndDogs" \
    "$data/weights/resnet18_imagenet_torchvision_names.npz" pictures pictures/cat.0.jpg) > "$build/output"
  rm -rf "$folder"
  compare_output FineTuneCatsAndDogs
}

compare_output() {
  # Progress is written over itself; times and the last digits are not compared.
  tr '\r' '\n' < "$build/output" | grep -v '^features: ' \
    | sed -E 's/([0-9]+\.[0-9]{2})[0-9]*(e-[0-9]+)?/\1/g' > "$build/comparable"
  if [ "${RECORD_SNAPSHOTS:-}" = 1 ]; then
    cp "$build/comparable" "Examples/$1/output.txt"
    echo "Examples: recorded Examples/$1/output.txt" >&2
    exit 1
  fi
  diff "Examples/$1/output.txt" "$build/comparable"
  echo "Examples: $1 prints what it should."
}

case "${1:-all}" in
  code) check_code ;;
  reference) check_reference ;;
  examples) check_examples ;;
  all)
    check_code
    check_reference
    check_examples
    ;;
  *)
    echo "usage: Scripts/documentation.sh [code|reference|examples]" >&2
    exit 2
    ;;
esac
