"""Reads type and size from PNG and JPEG headers.

Nothing is decoded: a few bytes can hold gigabytes of pixels. The header says how much the browser
will have to decode, so that too much of it can be refused. Pillow would read these headers as well,
but of a JPEG file made of empty segments it reads all: 4 MB of them keep it busy for seconds.
"""

from typing import Final, NamedTuple

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
#: Start-of-frame markers; of the range, three have other meanings.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: A JPEG file has a dozen segments before its frame; a made one could have millions.
_MOST_SEGMENTS: Final = 1000


class ImageHeader(NamedTuple):
    """What a header says."""

    mime: str
    width: int
    height: int


def read_header(blob: bytes) -> ImageHeader | None:
    """What the header says; None where it is neither that of a PNG nor of a JPEG file."""
    if blob.startswith(_PNG):
        sides = _png_sides(blob)
        mime = "image/png"
    else:
        sides = _jpeg_sides(blob) if blob.startswith(_JPEG) else None
        mime = "image/jpeg"
    return ImageHeader(mime, *sides) if sides and min(sides) > 0 else None


def _png_sides(blob: bytes) -> tuple[int, int] | None:
    """Width and height; they follow the name of the first chunk."""
    if blob[12:16] != b"IHDR" or len(blob) < 24:
        return None
    return _big_endian(blob[16:20]), _big_endian(blob[20:24])


def _jpeg_sides(blob: bytes) -> tuple[int, int] | None:
    """Width and height, out of the first frame; the segments before it are skipped."""
    start = 2  # of the segment
    for _ in range(_MOST_SEGMENTS):
        if blob[start : start + 1] != b"\xff" or len(blob) < start + 9:
            return None
        if blob[start + 1] in _FRAMES:
            return _big_endian(blob[start + 7 : start + 9]), _big_endian(
                blob[start + 5 : start + 7]
            )
        start += 2 + _big_endian(blob[start + 2 : start + 4])
    return None


def _big_endian(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
