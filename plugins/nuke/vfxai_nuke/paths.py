"""Patterns of files as Nuke writes them: %04d or #### for the frame, %V for the view's name, %v for its first letter."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

PADDING = re.compile(r"#+|%0?\d*d")


def frame_path(pattern: str, number: int, view: str = "") -> str:
    """The file of a frame and view."""
    path = of_view(pattern, view)
    folder, slash, name = path.rpartition("/")
    found = list(PADDING.finditer(name))
    if not found:
        return path
    token = found[-1].group()
    digits = int(token[1:-1] or 1) if token.startswith("%") else len(token)
    return folder + slash + name[: found[-1].start()] + str(number).zfill(digits) + name[found[-1].end() :]


def of_view(pattern: str, view: str) -> str:
    """The pattern of one view."""
    return pattern.replace("%V", view).replace("%v", view[:1])


def on_disk(pattern: str) -> list[int]:
    """Numbers of the frames that exist of a view's pattern, ascending."""
    folder, _, name = pattern.rpartition("/")
    found = list(PADDING.finditer(name))
    if not found or not os.path.isdir(folder):
        return []
    number = re.compile(re.escape(name[: found[-1].start()]) + r"(\d+)" + re.escape(name[found[-1].end() :]))
    return sorted(int(m.group(1)) for m in map(number.fullmatch, os.listdir(folder)) if m)


def runs(numbers: Iterable[int]) -> list[list[int]]:
    """First and last of every run of numbers without a gap."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def written(numbers: Iterable[int]) -> str:
    """Frames as 1001-1010,1015, which both Nuke and vfxai read."""
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs(numbers))


def read(text: str) -> list[int]:
    """The numbers of what written() wrote."""
    numbers: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers
