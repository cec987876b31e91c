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


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, rows: list[bytes]) -> bytes:
    """A PNG of RGB rows, each of 3 * width bytes."""
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9))
        + chunk(b"IEND", b"")
    )


def main():
    middles = [(index + 0.5) / SIZE for index in range(SIZE)]
    rows = [bytes(byte for x in middles for byte in colour(x, y)) for y in middles]
    target = pathlib.Path(__file__).parent.parent / "Examples/sample.png"
    target.write_bytes(png(SIZE, rows))


if __name__ == "__main__":
    main()
