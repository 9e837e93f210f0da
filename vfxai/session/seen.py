"""A clip as a node sees it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from torch import Tensor

from vfxai.errors import UnreadableInputError
from vfxai.image.box import Box
from vfxai.image.clip import Clip, align
from vfxai.image.frame import Frame
from vfxai.session import request
from vfxai.session.prepare import Prepared

FARTHEST = 8
"""Frames to each side among which one is looked for that stands in for a damaged one: farther away a shot shows something else."""


class SeenClip(Clip):
    """Frames finite, unpremultiplied and encoded as a node wants them; over one data window if given.

    For a frame whose file is damaged the nearest one stands in, and that is said: only the frame itself fails, not those that look at it.
    """

    def __init__(
        self,
        plate: Clip,
        prepared: Callable[[int], Prepared],
        matte: Callable[[str, int, Frame], Tensor | None],
        box: Box | None = None,
    ) -> None:
        """`prepared` gives a frame of `plate` as a node sees it; `matte` gives the weights of an input over a frame's data window."""
        self._plate, self._prepared, self._matte, self._box = plate, prepared, matte, box

    @property
    def frames(self) -> tuple[int, ...]:
        """As the plate's."""
        return self._plate.frames

    @property
    def is_still(self) -> bool:
        """As the plate."""
        return self._plate.is_still

    def has(self, number: int) -> bool:
        """As the plate."""
        return self._plate.has(number)

    def origin(self, number: int) -> int:
        """As the plate's."""
        return self._plate.origin(number)

    def __getitem__(self, number: int) -> Frame:
        frame = self._readable(number).frame
        return frame if self._box is None else align(frame, self._box)

    def _readable(self, number: int) -> Prepared:
        """The frame, prepared, or the nearest that can be read; UnreadableInputError where there is none within FARTHEST."""
        try:
            return self._prepared(number)
        except UnreadableInputError as damaged:
            for other in (number + sign * step for step in range(1, FARTHEST + 1) for sign in (-1, 1)):
                if self._plate.has(other):
                    with suppress(UnreadableInputError):
                        found = self._prepared(other)
                        request.warn(f"frame {number} cannot be read; where others look at it frame {other} stands in")
                        return found
            raise damaged

    def channel(self, name: str, number: int) -> Tensor | None:
        """As Clip says."""
        frame = self._readable(number).plate
        plane = frame.channel(name)
        if plane is None:
            return None
        plane = plane.to(frame.color.device)
        return align(replace(frame, color=plane, alpha=None, layers={}), self._box or frame.data_window).color

    def matte(self, name: str, number: int) -> Tensor | None:
        """As Clip says."""
        like = self._readable(number).plate
        return self._matte(name, number, like if self._box is None else replace(like, data_window=self._box))


class Latest:
    """Prepares frames one at a time and keeps the last, for a node that looks at a frame and then at its matte."""

    def __init__(self, prepare: Callable[[int], Prepared]) -> None:
        self._prepare = prepare
        self._last: tuple[int, Prepared] | None = None

    def __call__(self, number: int) -> Prepared:
        """The frame of a number, made prepared."""
        last = self._last
        if last is not None and last[0] == number:
            return last[1]
        del last
        self._last = None  # before the next takes memory
        made = self._prepare(number)
        self._last = number, made
        return made
