#!/usr/bin/env python3
"""Writes Sources/CNNRuns/Drawing/RobotoOutlines.swift from Roboto-Regular.ttf.

Plots are drawn without a font on the machine, so the outlines of the characters they use are in
the program. Needs fonttools.

    Scripts/make_plot_font.py /usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf
"""
import pathlib
import sys

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

CHARACTERS = [chr(code) for code in range(0x20, 0x7F)] + list("–…×·àáäåçèéêíñóôöøúüßÄÅÉÖØÜ")
UNITS = 1000


def contours(font, name):
    """Each contour as a list of (x, y, is_on_curve); the first point is on the curve."""
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    scale = UNITS / font["head"].unitsPerEm
    result = []
    for verb, points in pen.value:
        points = [(round(x * scale), round(y * scale)) for x, y in points]
        if verb == "moveTo":
            result.append([(*points[0], True)])
        elif verb == "lineTo":
            result[-1].append((*points[0], True))
        elif verb == "qCurveTo":
            # TrueType leaves out the point on the curve between two control points.
            for first, second in zip(points[:-2], points[1:-1]):
                middle = tuple((a + b) // 2 for a, b in zip(first, second))
                result[-1] += [(*first, False), (*middle, True)]
            result[-1] += [(*points[-2], False), (*points[-1], True)]
        else:
            assert verb in ("closePath", "endPath"), verb
    return result


def line(font, character):
    name = font.getBestCmap()[ord(character)]
    advance = round(font["hmtx"][name][0] * UNITS / font["head"].unitsPerEm)
    parts = [
        " ".join(f"{x},{y}" if on else f"~{x},{y}" for x, y, on in contour)
        for contour in contours(font, name)
    ]
    return f"{ord(character):x} {advance}" + "".join("|" + part for part in parts)


def main():
    font = TTFont(sys.argv[1])
    root = pathlib.Path(__file__).resolve().parent.parent
    target = root / "Sources/CNNRuns/Drawing/RobotoOutlines.swift"
    body = "\n".join("    " + line(font, character) for character in CHARACTERS)
    target.write_text(
        "// Written by Scripts/make_plot_font.py; edit that instead.\n"
        "// swift-format-ignore-file\n\n"
        "/// Outlines of Roboto Regular, copyright 2011 Google Inc., licensed under the Apache\n"
        "/// License 2.0; scaled to 1000 units an em and cut down to the characters of plots.\n"
        "///\n"
        "/// A line is a character: its code in hexadecimal, its advance width, and after each `|`\n"
        "/// a contour. `~` marks the control point of a quadratic curve.\n"
        'enum RobotoOutlines {\n  static let table = """\n' + body + '\n    """\n}\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
