"""Clips that come from no file: frames in memory, and frames that a host hands out when it is asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from vfxai.errors import MissingInputError
from vfxai.image.box import Box
from vfxai.image.clip import Clip, ends_and_middle
from vfxai.image.frame import Frame
from vfxai.schema.clip_format import ClipFormat

FIRST = 1001
"""Number of the first frame of a clip in memory that is given without numbers, as shots are numbered."""


class MemoryClip(Clip):
    """Frames in memory, by number, or one after the other from 1001 on. One frame alone is a still, unless `still` says no."""

    def __init__(self, frames: Mapping[int, Frame] | Sequence[Frame], *, still: bool | None = None) -> None:
        given = frames if isinstance(frames, Mapping) else {FIRST + index: frame for index, frame in enumerate(frames)}
        self._frames = dict(sorted(given.items()))
        if not self._frames:
            raise MissingInputError("a clip in memory has no frame", remedy="give it at least one")
        self._still = len(self._frames) == 1 if still is None else still

    @property
    def frames(self) -> tuple[int, ...]:
        """Ascending."""
        return tuple(self._frames)

    @property
    def is_still(self) -> bool:
        """As given."""
        return self._still

    @property
    def samples(self) -> tuple[int, ...]:
        """The first, the middle and the last."""
        return ends_and_middle(self.frames)

    def __getitem__(self, number: int) -> Frame:
        if number not in self._frames:
            first, last = self.frames[0], self.frames[-1]
            raise MissingInputError(f"there is no frame {number}, only {first}-{last}", remedy="ask for one of these")
        return self._frames[number]


class SourceClip(Clip):
    """Frames that a callable fetches when they are asked for, such as a host's. It may be called from several threads, and may raise to stop."""

    def __init__(
        self, frames: Iterable[int], fetch: Callable[[int], Frame], *, still: bool = False, format: ClipFormat | None = None
    ) -> None:
        """`format` is what is known of the frames; without it the first one is fetched for who asks."""
        self._format = format
        self._numbers = tuple(frames)
        self._known = frozenset(self._numbers)
        self._fetch, self._still = fetch, still

    @property
    def frames(self) -> tuple[int, ...]:
        """As given."""
        return self._numbers

    @property
    def is_still(self) -> bool:
        """As given."""
        return self._still

    def format(self) -> ClipFormat:
        """As given."""
        return self._format or super().format()

    def has(self, number: int) -> bool:
        """One of the given numbers."""
        return number in self._known

    def __getitem__(self, number: int) -> Frame:
        if not self.has(number):
            raise MissingInputError(f"there is no frame {number} in this clip", remedy="check the frame range")
        return self._fetch(number)


def frame_of(pixels: NDArray[np.float32], colorspace: str, *, premultiplied: bool = True, pixel_aspect: float = 1.0) -> Frame:
    """A frame of (H, W, C) float32 pixels, C 1 (gray), 3 (RGB) or 4 (RGBA), rows top to bottom; `premultiplied` counts where there is alpha."""
    planes = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32))
    box = Box(0, 0, pixels.shape[1], pixels.shape[0])
    if len(planes) < 4:
        return Frame(planes, None, False, colorspace, box, box, pixel_aspect)
    return Frame(planes[:3], planes[3:4], premultiplied, colorspace, box, box, pixel_aspect)


class InSpace(Clip):
    """Pictures brought into a plate's colour space; those that do not name theirs are taken to be in it."""

    def __init__(self, pictures: Clip, space: str, transform: "Callable[[torch.Tensor, str, str], torch.Tensor]") -> None:
        self._pictures, self._space, self._transform = pictures, space, transform

    @property
    def frames(self) -> tuple[int, ...]:
        """As the pictures'."""
        return self._pictures.frames

    @property
    def is_still(self) -> bool:
        """As the pictures."""
        return self._pictures.is_still

    def has(self, number: int) -> bool:
        """As the pictures."""
        return self._pictures.has(number)

    def origin(self, number: int) -> int:
        """As the pictures'."""
        return self._pictures.origin(number)

    def __getitem__(self, number: int) -> Frame:
        frame = self._pictures[number]
        if frame.colorspace in ("", self._space):
            return replace(frame, colorspace=self._space)
        return replace(frame, color=self._transform(frame.color, frame.colorspace, self._space), colorspace=self._space)
