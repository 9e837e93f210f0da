"""Whether two fields were taken at the same time: what weaving them would look like, block by block."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, conv2d

from vfxai.image.fields import split, weave
from vfxai.motion.cuts import is_cut

BLOCK = 16
"""Side of the blocks that are judged, in pixels: the smallest thing whose motion must be noticed."""
LEAST = (1.5 / 255) ** 2
"""Power of combing, in display-like values squared, below which nobody sees it."""
SMALL = 32
"""Side of the pictures in which cuts are looked for."""


SLIPPED = 0.35
"""Share by which steps between lines differ, of those from even to odd ones and those from odd to even ones, that no still picture has."""
PLAIN = 0.02
"""Share of combed blocks that is no chance in a frame without neighbours."""
CERTAIN = 0.1
"""Power of a difference, in variances of the noise, that chance does not make."""
HIDDEN = 4.0
"""Times this power, at which a difference that is there may still be taken for chance in the one field and not in the other."""
EVENEST = 0.1
"""Share of the blocks that are taken to show noise alone."""


@dataclass(frozen=True)
class Halves:
    """The fields of a frame's luminance, and small pictures of them."""

    top: Tensor
    bottom: Tensor
    small_top: Tensor
    small_bottom: Tensor
    noise: float
    """Variance of its noise."""


def halves(color: Tensor) -> Halves:
    """Of a frame (C, H, W) in display-like values."""
    top, bottom = split(color.mean(0, keepdim=True))
    bottom = bottom if bottom.shape[1] else top  # a frame of one line

    def small(field: Tensor) -> Tensor:
        return adaptive_avg_pool2d(field[None], (min(SMALL, bottom.shape[1]), min(SMALL, bottom.shape[2])))[0]

    return Halves(top, bottom, small(top), small(bottom), noise_of(top))


@dataclass(frozen=True)
class Woven:
    """The frame woven of two fields, in blocks."""

    combed: Tensor
    """Which blocks are combed, bool."""
    steps: Tensor
    """(2, blocks): power of the differences from even to odd lines, and from odd to even lines."""
    apart: float
    """Mean power of the larger of the steps: the farther apart the fields, the more, be it along lines or across them. Combing is no such
    measure: it is gone where a picture has moved by a line."""


def judge(top: Tensor, bottom: Tensor, noise: float) -> Woven:
    """Weaves two fields (1, H/2, W) with noise of a variance, and looks for combing.

    A line that differs from both its neighbours the same way is combed or a thin line; a thin line differs from the lines two away
    as well. In noise both differences have the same power, in pictures the near one has less, so a block in which the near
    difference has far more power than the far one was woven of two times.
    """
    lines = min(top.shape[1], bottom.shape[1])
    frame = weave(top[:, :lines], bottom[:, :lines])
    if frame.shape[1] < 6:
        return Woven(torch.zeros((1, 1), dtype=torch.bool), torch.zeros((2, 1, 1)), 0.0)
    here = frame[:, 2:-2]
    above, below = here - frame[:, 1:-3], here - frame[:, 3:-1]
    near, far = _blocks(above * below), _blocks((here - frame[:, :-4]) * (here - frame[:, 4:])).clamp_min(0)
    even = torch.zeros_like(here)
    even[:, 0::2] = 2.0  # a mean over a block counts half of its lines
    steps = torch.stack([_blocks(below**2 * even), _blocks(above**2 * even)])
    return Woven(near > 2 * far + LEAST + 1.5 * noise, steps, float(steps.mean((1, 2)).max()))


def combing(woven: Woven, moving: Tensor, noise: float) -> float:
    """How many of the moving blocks (bool) are woven of two times.

    Where a picture moved down or up by a line or less between its fields nothing combs, but lines lie closer to the one neighbour than to
    the other; then all that moves is of two times.
    """
    down, up = (float((s[moving] - 2 * noise).sum()) for s in woven.steps)
    slipped = abs(down - up) > SLIPPED * max(down + up, float(moving.sum()) * LEAST)
    return float(moving.sum() if slipped else (woven.combed & moving).sum())


def moved(before: Halves, after: Halves, noise: float) -> Tensor:
    """Which blocks, the same as in judge(), differ between two frames by more than noise, bool."""
    lines = min(before.top.shape[1], before.bottom.shape[1])
    if 2 * lines < 6:
        return torch.ones((1, 1), dtype=torch.bool)
    change = weave((before.top - after.top)[:, :lines] ** 2, (before.bottom - after.bottom)[:, :lines] ** 2)
    return _blocks(change[:, 2:-2]) > LEAST / 8 + 3.3 * noise


def _blocks(power: Tensor) -> Tensor:
    size = min(BLOCK, *power.shape[1:])
    return avg_pool2d(power[None], size, max(size // 2, 1))[0, 0]


def noise_of(field: Tensor) -> float:
    """Variance of the noise of a field (1, H/2, W), from the blocks with the least detail (Immerkaer, 1996)."""
    if min(field.shape[1:]) < 5:
        return 0.0
    mask = torch.tensor([1.0, -2.0, 1.0])
    detail = conv2d(field[None], (mask[:, None] * mask[None])[None, None])[0]
    power = _blocks(detail**2 / 36).flatten()
    return float(power.kthvalue(max(int(power.numel() * EVENEST), 1)).values)


def difference(first: Tensor, second: Tensor, noise: float) -> float:
    """Root mean square difference of two fields of the same lines, (1, H/2, W), beyond noise of a variance; 0 where noise may be all."""
    power = float((_blocks((first - second) ** 2) - 3.3 * noise).clamp_min(0).mean())
    return power**0.5 if power > CERTAIN * noise else 0.0


@dataclass(frozen=True)
class Pair:
    """What a frame's fields have in common with each other and with those of the next frame (nothing after the last). Counts are
    of blocks that are combed and move."""

    inner: float
    """Top with bottom of the frame itself."""
    bottom_top: float
    """Bottom of the frame with top of the next: neighbours in time where the top field comes first."""
    top_bottom: float
    """Top of the frame with bottom of the next."""
    more_blocks: float
    """Combed blocks of top_bottom more than of bottom_top."""
    apart: tuple[float, float, float]
    """Woven.apart of inner, bottom_top and top_bottom, which tells what no block shows."""
    top_moved: float
    """Difference of the two top fields."""
    bottom_moved: float
    hidden: float
    """Difference of two fields that noise may hide."""
    cut_inside: bool
    """Whether the scene changes between the two fields of the frame."""
    cut_bottom_top: bool
    cut_top_bottom: bool


class Comparison:
    """Goes through a shot frame by frame and notes what neighbouring fields have in common. Keeps two frames, whatever the length."""

    def __init__(self) -> None:
        self._last: Halves | None = None
        self._motion: Tensor | None = None
        """Which blocks moved up to the last frame."""
        self._found: list[Pair] = []

    def add(self, color: Tensor) -> None:
        """The next frame (C, H, W), of the same size as those before."""
        now, before = halves(color), self._last
        if before is not None:
            moving = moved(before, now, (before.noise + now.noise) / 2)
            self._found.append(_pair(before, now, moving, self._motion))
            self._motion = moving
        self._last = now

    def pairs(self) -> list[Pair]:
        """One for each frame. What combs and never moves is a pattern of the scene and does not count."""
        return [*self._found, _pair(self._last, None, None, self._motion)] if self._last else []


def _pair(frame: Halves, after: Halves | None, moving: Tensor | None, moved_before: Tensor | None) -> Pair:
    """A frame and the one after it; `moving` are the blocks that move between them, `moved_before` those that moved up to the frame."""
    own = judge(frame.top, frame.bottom, frame.noise)
    near = [m for m in (moved_before, moving) if m is not None]
    plain = float(own.combed.float().mean()) > PLAIN
    inner = combing(own, torch.stack(near).any(0) if near else torch.full_like(own.combed, plain), frame.noise)
    cut = is_cut(frame.small_top, frame.small_bottom)
    if after is None or moving is None:
        return Pair(inner, 0.0, 0.0, 0.0, (own.apart, 0.0, 0.0), 0.0, 0.0, 0.0, cut, False, False)
    noise = (frame.noise + after.noise) / 2
    bottom_top, top_bottom = judge(after.top, frame.bottom, noise), judge(frame.top, after.bottom, noise)
    return Pair(
        inner=inner,
        bottom_top=combing(bottom_top, moving, noise),
        top_bottom=combing(top_bottom, moving, noise),
        more_blocks=float((top_bottom.combed & moving).sum()) - float((bottom_top.combed & moving).sum()),
        apart=(own.apart, bottom_top.apart, top_bottom.apart),
        top_moved=difference(frame.top, after.top, noise),
        bottom_moved=difference(frame.bottom, after.bottom, noise),
        hidden=(HIDDEN * CERTAIN * noise) ** 0.5,
        cut_inside=cut,
        cut_bottom_top=is_cut(frame.small_bottom, after.small_top),
        cut_top_bottom=is_cut(frame.small_top, after.small_bottom),
    )
