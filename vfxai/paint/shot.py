"""A shot with painted frames: which keys a frame gets its colours from, and the way to them."""

import threading
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import torch
from torch import Tensor

from vfxai.image.cache import PATIENCE
from vfxai.motion.flow import estimate_flow
from vfxai.motion.trail import Trail
from vfxai.paint.blend import ColorSource, blend
from vfxai.paint.steady import ColoredNeighbour, steadied

BESIDE = 2
"""Neighbours on either side that steady the colours of a frame."""


class PaintedShot:
    """Chroma that comes to the frames from their nearest keys on either side, within the scene. Threads take turns: they share the way to the keys."""

    def __init__(
        self,
        frames: Sequence[int],
        cuts: Sequence[int],
        paints: Mapping[int, Tensor],
        guide: Callable[[int], Tensor],
        told: Callable[[int, int], None] = lambda done, total: None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """`frames` are all numbers of the shot, ascending; `cuts` the first frame of every scene but the first; `paints` by number the chroma of
        the keys and where they are painted (4, h, w); `guide` gives a frame's luminance (1, h, w) in the same size; `told` is
        called on long ways from a key to a frame, `check` again and again while another thread has its turn; both may raise to stop."""
        self.frames, self._cuts, self._paints = tuple(frames), tuple(cuts), dict(sorted(paints.items()))
        self.guide, self._told, self._check = guide, told, check
        self._turn = threading.Lock()
        self._trails: dict[tuple[int, int], Trail] = {}
        me = weakref.proxy(self)  # or the shot would hold itself, and its pictures stay until garbage is collected

        def brought(number: int) -> tuple[Tensor, Tensor]:
            return me.brought(number)

        self._kept = lru_cache(2 * BESIDE + 1)(brought)
        self._flow = lru_cache(4 * BESIDE * (BESIDE + 1))(lambda a, b: estimate_flow(guide(a), guide(b), fine=True))

    @property
    def painted(self) -> tuple[int, ...]:
        """The numbers of the keys."""
        return tuple(self._paints)

    def scene(self, number: int) -> tuple[int, ...]:
        """The frames of the scene in which a frame lies."""
        at = bisect_right(self._cuts, number)
        first = self._cuts[at - 1] if at else self.frames[0]
        end = self._cuts[at] if at < len(self._cuts) else self.frames[-1] + 1
        return self.frames[bisect_left(self.frames, first) : bisect_left(self.frames, end)]

    def nearest(self, number: int) -> int:
        """The frame of the shot that is shown at a number: itself, or the one before where it is missing."""
        return self.frames[max(bisect_right(self.frames, number) - 1, 0)]

    def keys(self, number: int) -> tuple[int, ...]:
        """The nearest keys before and after a frame, of its own scene."""
        scene = self.scene(number)
        known = [k for k in self._paints if scene[0] <= k <= scene[-1]]
        before, after = [k for k in known if k <= number], [k for k in known if k >= number]
        return tuple(dict.fromkeys([*before[-1:], *after[:1]]))

    def without(self, number: int) -> "PaintedShot":
        """The same shot as if a frame had not been painted."""
        left = {k: paint for k, paint in self._paints.items() if k != number}
        return PaintedShot(self.frames, self._cuts, left, self.guide, self._told, self._check)

    def colors(self, number: int) -> tuple[Tensor, Tensor]:
        """Chroma (3, h, w) of a frame, and the confidence in it (1, h, w), 0 in a scene without keys."""
        while not self._turn.acquire(timeout=PATIENCE):
            self._check()
        try:
            return self._colors(number)
        finally:
            self._turn.release()

    def _colors(self, number: int) -> tuple[Tensor, Tensor]:
        chroma, confidence = self._kept(number)
        keys, scene = self.keys(number), self.scene(number)
        if number in keys or not keys:
            return chroma, confidence
        at = scene.index(number)
        beside = [
            n for n in scene[max(at - BESIDE, 0) : at + BESIDE + 1] if n != number and {*self.keys(n)} <= {*keys}
        ]  # not beyond a key
        beside = self._distinct(number, beside)
        others = (ColoredNeighbour(self.guide(n), *self._kept(n), self._flow(number, n), self._flow(n, number)) for n in beside)
        return steadied(self.guide(number), chroma, confidence, others), confidence

    def _distinct(self, number: int, beside: Sequence[int]) -> list[int]:
        """The neighbours that are copies neither of the frame nor of one nearer to it."""
        found = [number]
        for near in sorted(beside, key=lambda n: abs(n - number)):
            if not any(torch.equal(self.guide(near), self.guide(other)) for other in found):
                found.append(near)
        return [n for n in beside if n in found]

    def brought(self, number: int) -> tuple[Tensor, Tensor]:
        """Chroma (3, h, w) and confidence (1, h, w) by the motion from the keys alone, before the neighbours steady them."""
        guide, keys = self.guide(number), self.keys(number)
        if number in self._paints:
            return self._paints[number][:3], self._paints[number][3:]
        if not keys:
            return torch.zeros_like(guide).expand(3, -1, -1), torch.zeros_like(guide)
        wanted = {(key, 1 if key < number else -1) for key in keys}
        self._trails = {k: v for k, v in self._trails.items() if k in wanted} | {
            (key, way): self._trail(number, key, way) for key, way in wanted if (key, way) not in self._trails
        }
        return blend(guide, [self._source(number, key, way) for key, way in sorted(wanted)])

    def _trail(self, number: int, key: int, way: int) -> Trail:
        scene = self.scene(number)
        at = scene.index(key)
        return Trail(scene[at:] if way > 0 else scene[at::-1], self.guide, self._told)

    def _source(self, number: int, key: int, way: int) -> ColorSource:
        trail = self._trails[key, way]
        to_key, from_key = trail[number]
        return ColorSource(self.guide(key), self._paints[key], to_key, from_key, trail.steps(number))
