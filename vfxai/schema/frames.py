"""Frame numbers as people write them: 1001-1048, 1001-1048x2, -2-2, 1,5,9-12."""

from __future__ import annotations

import re

from vfxai.errors import ParameterError

PIECE = re.compile(r"(-?[0-9]{1,9})(?:-(-?[0-9]{1,9})(?:([x:y])(-?[0-9]{1,9}))?)?")
MOST_FRAMES = 1_000_000
"""Eleven hours at 24 a second; a longer range is a slip, or a date in a file's name, and would fill memory with numbers."""
EXPECTED = "a frame range such as 1001-1048, 1001-1048x2, -2-2 or 1,5,9-12"


def numbers(text: str) -> tuple[int, ...]:
    """Frame numbers in the order written, each once; ParameterError where the text is no frame range.

    A-BxN and, as OpenJD writes it, A-B:N are every Nth from A; A-ByN are those between them. B may be before A.
    """
    pieces = [_piece(text, piece.strip()) for piece in text.split(",")]
    count = sum(len(within) for within, _ in pieces)
    if count > MOST_FRAMES:
        raise ParameterError(
            f"frames: {text[:80]!r} are {count} frames, more than {MOST_FRAMES}", remedy=f"give at most {MOST_FRAMES}"
        )
    found: dict[int, None] = {}
    for within, left_out in pieces:
        gone = frozenset(left_out)
        found.update((n, None) for n in within if n not in gone)
    if not found:
        raise ParameterError(f"frames: {text[:80]!r} is empty", remedy=f"give {EXPECTED}")
    return tuple(found)


def _piece(text: str, piece: str) -> tuple[range, range]:
    """A range, and what is left out of it."""
    match = PIECE.fullmatch(piece)
    if match:
        first, last = int(match[1]), int(match[2] or match[1])
        way = 1 if last >= first else -1
        step, inverse = int(match[4] or 1), match[3] == "y"
        if step > 0 or (step * way > 0 and not inverse):
            whole, every = range(first, last + way, way), range(first, last + way, abs(step) * way)
            return (whole, every) if inverse else (every, range(0))
    what = "" if piece == text else f" in {piece[:40]!r}"
    raise ParameterError(f"frames: {text[:80]!r} is no frame range{what}", remedy=f"give {EXPECTED}")
