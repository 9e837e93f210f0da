"""What a recipe names beside the plate, as clips for a session, and as the files that they are."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vfxai.errors import InputError, MissingInputError, ParameterError
from vfxai.image.clip import Clip, Told, open_clip
from vfxai.image.frame import Frame
from vfxai.image.sequence import files_named
from vfxai.schema.node import Node
from vfxai.schema.vocabulary import Input, KeyFrames, Mask, Pair, Reference

Space = Callable[[Path, Mapping[str, Any]], str]
"""Names the colour space of a file with its attributes."""
PICTURES = frozenset({".exr", ".dpx", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".hdr", ".tga"})
"""Suffixes of what is taken for a still in a folder."""


class ClipOfFiles(Clip):
    """Single pictures under numbers of their own: painted keys, or the stills of a folder. Each is a file, or the frame of a pattern that has the number."""

    def __init__(self, patterns: Mapping[int, str], space: Space, told: Told | None = None, view: str | None = None) -> None:
        self._clips = {
            number: open_clip(pattern, colorspace=space, view=view, told=told) for number, pattern in sorted(patterns.items())
        }

    @property
    def frames(self) -> tuple[int, ...]:
        """Ascending."""
        return tuple(self._clips)

    def origin(self, number: int) -> int:
        """The number that the frame has in its own file or pattern."""
        clip = self._clips[number]
        return number if clip.has(number) else clip.frames[0]

    def __getitem__(self, number: int) -> Frame:
        if number not in self._clips:
            raise MissingInputError(f"there is no picture of frame {number}", remedy="ask for one that is there")
        return self._clips[number][self.origin(number)]


def opened(
    declared: Input,
    given: Sequence[str],
    space: Space,
    told: Told | None = None,
    mask_channel: str = "",
    view: str | None = None,
) -> dict[str, Clip]:
    """The clips of an input by slot, of the patterns that a recipe gives for it. `space` names the colour space of pictures; mattes have none.

    `told` hears of what was chosen in the files; `mask_channel` names the channel or layer of a matte's files; `view` the view of those that hold several.
    """
    if isinstance(declared, Mask):
        layer = mask_channel or None
        return {declared.name: open_clip(given[0], layer=layer, view=view, colorspace=lambda path, attributes: "", told=told)}
    if isinstance(declared, KeyFrames):
        return {declared.name: ClipOfFiles(declared.by_frame(given), space, told, view)}
    if isinstance(declared, Reference) and Path(given[0]).is_dir():
        return {declared.name: _folder(Path(given[0]), space)}
    slots = declared.slots if isinstance(declared, Pair) else (declared.name,)
    return {s: open_clip(pattern, colorspace=space, view=view, told=told) for s, pattern in zip(slots, given, strict=True)}


def _folder(folder: Path, space: Space) -> Clip:
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)
    if not files:
        raise InputError(f"there is no picture in {folder}", remedy="give a folder of stills")
    return ClipOfFiles({index: str(path) for index, path in enumerate(files, 1)}, space)


def files_of(declared: Input, given: Sequence[str]) -> list[Path]:
    """The files of an input."""
    return [path for pattern in declared.patterns(given) for path in files_named(pattern)]


def input_of(node: type[Node] | Node, name: str) -> Input:
    """The declaration of an input of a node by its name; ParameterError where it has none."""
    found = {one.name: one for one in node.inputs if one.takes}
    if name not in found:
        raise ParameterError(f"{node.id} takes no {name}", remedy=f"it takes {', '.join(found) or 'only a plate'}")
    return found[name]
