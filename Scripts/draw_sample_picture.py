#!/usr/bin/env python3
"""Draws Examples/sample.png, the picture of Scripts/demo.sh: a hill, a sun and a tree.

Needs nothing but Python: the PNG is written by hand.
"""
import pathlib
import struct
import zlib

SIZE = 256


def colour(x: float, y: float) -> tuple[int, int, int]:
    if (x - 0.75) ** 2 + (y - 0.25) ** 2 < 0.012:
        return (255, 214, 64)
    if abs(x - 0.3) < 0.02 and 0.45 < y < 0.75:
        return (96, 60, 32)
    if (x - 0.3) ** 2 + (y - 0.38) ** 2 < 0.018:
        return (40, 120, 48)
    hill = 0.68 + 0.6 * (x - 0.45) ** 2
    if y > hill:
        return (90, int(170 - 80 * (y - hill)), 70)
    return (int(110 + 110 * y), int(170 + 60 * y), 240)


rows = bytearray()
for row in range(SIZE):
    rows.append(0)
    for column in range(SIZE):
        rows.extend(colour((column + 0.5) / SIZE, (row + 0.5) / SIZE))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
target = pathlib.Path(__file__).parent.parent / "Examples/sample.png"
target.write_bytes(
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", header)
    + chunk(b"IDAT", zlib.compress(bytes(rows), 9))
    + chunk(b"IEND", b"")
)
