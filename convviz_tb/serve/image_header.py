"""Bytes out of a log in; what picture their header says they are out.

Nothing is decoded here: a few bytes can hold gigabytes of pixels. What is told is what the
browser will have to decode, so that too much of it can be refused.
"""

from typing import Final, NamedTuple

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
#: Start-of-frame markers; of the range, three have other meanings.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: A JPEG file has a dozen segments before its frame; a made one could have millions.
_MOST_SEGMENTS: Final = 1000


class Picture(NamedTuple):
    """What a header says."""

    mime: str
    width: int
    height: int


def look(blob: bytes) -> Picture | None:
    """The picture that the bytes say they are; None where that is neither PNG nor JPEG."""
    if blob.startswith(_PNG):
        sides = _png_sides(blob)
        mime = "image/png"
    else:
        sides = _jpeg_sides(blob) if blob.startswith(_JPEG) else None
        mime = "image/jpeg"
    return Picture(mime, *sides) if sides and min(sides) > 0 else None


def _png_sides(blob: bytes) -> tuple[int, int] | None:
    """Width and height; they follow the name of the first chunk."""
    if blob[12:16] != b"IHDR" or len(blob) < 24:
        return None
    return _big_endian(blob[16:20]), _big_endian(blob[20:24])


def _jpeg_sides(blob: bytes) -> tuple[int, int] | None:
    """Width and height, out of the first frame; the segments before it are jumped over."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if blob[at : at + 1] != b"\xff" or len(blob) < at + 9:
            return None
        if blob[at + 1] in _FRAMES:
            return _big_endian(blob[at + 7 : at + 9]), _big_endian(blob[at + 5 : at + 7])
        at += 2 + _big_endian(blob[at + 2 : at + 4])
    return None


def _big_endian(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
