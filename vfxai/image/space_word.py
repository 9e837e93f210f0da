"""Whether a file says its colour space itself: OpenImageIO states sRGB for some formats where nothing in the file does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

ASSUMED = frozenset({"png", "jpeg", "bmp", "webp", "gif"})
"""OpenImageIO's names of the formats that it takes for sRGB where the file is silent; of PNM and Radiance HDR the format itself says the space."""
WORDS = frozenset({"Exif:ColorSpace", "oiio:Gamma", "CICP"})
"""Attributes that stand for a word in the file, from which OpenImageIO has the space."""
CHUNKS = frozenset({b"sRGB", b"gAMA", b"cICP"})
"""What says the space in a PNG file (W3C Portable Network Graphics, third edition, 11.3.2)."""
SIGNATURE = 8
"""Bytes before the first chunk."""


def says_space(path: Path, kind: str, attributes: Mapping[str, Any]) -> bool:
    """Whether a readable picture file of one of OpenImageIO's formats holds what the attribute `oiio:ColorSpace` says."""
    return kind not in ASSUMED or bool(WORDS & attributes.keys()) or (kind == "png" and not CHUNKS.isdisjoint(_chunks(path)))


def _chunks(path: Path) -> set[bytes]:
    """Names of the chunks of a PNG file before its pixels."""
    found: set[bytes] = set()
    with path.open("rb") as stream:
        stream.seek(SIGNATURE)
        while len(head := stream.read(8)) == 8 and head[4:] not in (b"IDAT", b"IEND"):
            found.add(head[4:])
            stream.seek(int.from_bytes(head[:4], "big") + 4, 1)  # its data and their checksum
    return found
