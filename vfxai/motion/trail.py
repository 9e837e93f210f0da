"""Motion between one frame and those that follow or precede it, chained from neighbour to neighbour."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from torch import Tensor

from vfxai.motion.flow import estimate_flow
from vfxai.motion.warp import warp

BLOCK = 32
"""Every so many steps a chain is kept, and between two such places as many again: what a walk in either direction needs."""


class Trail:
    """The way from a start along a row of frames; random access, each step measured twice at most when frames are asked for in order."""

    def __init__(
        self,
        numbers: Sequence[int],
        picture: Callable[[int], Tensor],
        told: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """`numbers` begin with the start; `picture` gives the frames (1, H, W), all of one size; `told` hears of every step of many."""
        self._numbers, self._picture, self._told = tuple(numbers), picture, told
        start = picture(self._numbers[0])
        still = start.new_zeros((2, *start.shape[1:]))
        self._marks = {0: (still, still)}
        self._near: OrderedDict[int, tuple[Tensor, Tensor]] = OrderedDict()

    def steps(self, number: int) -> int:
        """How many frames a frame is away from the start."""
        return self._numbers.index(number)

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        """Where each pixel of a frame lies in the start, and where each of the start lies in the frame: (2, H, W) pixels each."""
        wanted = self.steps(number)
        at = max(step for step in (*self._marks, *self._near) if step <= wanted)
        found = self._near.get(at) or self._marks[at]
        far = wanted - at > 1
        while at < wanted:
            if far:
                self._told(at, wanted)
            found = self._step(found, self._numbers[at], self._numbers[at + 1])
            at += 1
            if at % BLOCK == 0:
                self._marks[at] = found
            self._near[at] = found
            if len(self._near) > BLOCK:
                self._near.popitem(last=False)
        return found

    def _step(self, found: tuple[Tensor, Tensor], near: int, far: int) -> tuple[Tensor, Tensor]:
        to_start, from_start = found
        a, b = self._picture(near), self._picture(far)
        back, forth = estimate_flow(b, a, fine=True), estimate_flow(a, b, fine=True)
        return back + warp(to_start, back), from_start + warp(forth, from_start)
