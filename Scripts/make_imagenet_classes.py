#!/usr/bin/env python3
"""Writes Sources/CNNKit/Labels/ImageNetClasses.swift from a synset_words.txt.

The input has one line a class, in index order: `n01440764 tench, Tinca tinca`.

    Scripts/make_imagenet_classes.py synset_words.txt
"""
import pathlib
import sys

lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
assert len(lines) == 1000 and not any('"""' in line or "\\" in line for line in lines)
target = pathlib.Path(__file__).parent.parent / "Sources/CNNKit/Labels/ImageNetClasses.swift"
body = "\n".join("    " + line for line in lines)
target.write_text(
    "// Written by Scripts/make_imagenet_classes.py; edit that instead.\n\n"
    "/// The classes of ImageNet's ILSVRC 2012 in index order: WordNet 3.0 synset and its words.\n"
    'enum ImageNetClasses {\n  static let table = """\n' + body + '\n    """\n}\n',
    encoding="utf-8",
)
