"""Whether two fields were taken at the same time: what weaving them would look like, block by block."""

from dataclasses import dataclass
from math import inf

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d

from vfxai.image.fields import split, weave
from vfxai.motion.cuts import glance, is_cut

BLOCK = 16
"""Side of the blocks that are judged, in pixels: the smallest thing whose motion must be noticed."""
LEAST = (1.5 / 255) ** 2
"""Power of combing, in display-like values squared, below which nobody sees it."""


SLIPPED = 0.35
"""Share by which steps between lines differ, of those from even to odd ones and those from odd to even ones, that no still picture has."""
PLAIN = 0.02
"""Share of combed blocks that is no chance in a frame without neighbours."""
CERTAIN = 0.1
"""Power of a difference, in variances of the noise, that chance does not make."""
HIDDEN = 0.8
"""Power of the difference of the blocks that differ, in variances of the noise, at which it may still be taken for chance in the one field and not in
the other."""
SAMPLED = 40.0
"""Six standard deviations of Woven.apart by chance, where `n` pixels have the noise and the detail that chance() takes, are this over the root of `n`."""
INVISIBLE = 2e-6
"""Power below which a difference of Woven.apart may be anything's."""
CHANGES = 0.04
"""Share of Woven.apart that differs as pictures change that hardly move."""
FEWEST, FEW = 15, 40
"""Blocks with detail from which Woven.apart tells anything, and from which its steps do: a few edges come and go as they cross the lines."""
EVENEST = 0.1
"""Share of the blocks that are taken to show noise alone."""
LEVELS, MORE = 8, 6.0
"""Levels of brightness that are judged apart, and up to how many times the variance that noise_of() finds is noise, where all blocks of one differ."""
SOFT = 6.0
"""Up to how many times the variance in neighbouring samples is noise."""
CLIPPED = 0.02
"""Share of samples at the least or largest value of the frame from which a block does not show its noise whole."""


@dataclass(frozen=True)
class Field:
    """A field's luminance, and what it is like."""

    lines: Tensor
    """(1, H/2, W)."""
    clipped: Tensor
    """(1, H/2, W), the share of a pixel's samples that noise cannot change both ways: those at the least or largest value of the frame."""
    small: Tensor
    """glance() of it."""
    noise: float
    """Variance of its noise."""
    detail: float
    """Power of the steps between its neighbouring lines."""


Fields = tuple[Field, Field]
"""Top and bottom of a frame."""


def fields_of(color: Tensor) -> Fields:
    """Of a frame (C, H, W) in display-like values."""
    clipped = ((color == color.amin((1, 2), True)) | (color == color.amax((1, 2), True))).float()
    top, bottom = split(torch.stack([color.mean(0), clipped.mean(0)]))
    bottom = bottom if bottom.shape[1] else top  # a frame of one line

    def field(planes: Tensor) -> Field:
        lines, clipped = planes[:1], planes[1:]
        detail = float(lines.diff(dim=1).square().mean()) if lines.shape[1] > 1 else 0.0
        return Field(lines, clipped, glance(lines[:, : bottom.shape[1]]), noise_of(lines, clipped), detail)

    return field(top), field(bottom)


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
    noise: float
    """Variance of its noise."""


def judge(top: Field, bottom: Field) -> Woven:
    """Weaves two fields, and looks for combing.

    A line that differs from both its neighbours the same way is combed or a thin line; a thin line differs from the lines two away
    as well. In noise both differences have the same power, in pictures the near one has less, so a block in which the near
    difference has far more power than the far one was woven of two times.
    """
    lines = min(top.lines.shape[1], bottom.lines.shape[1])
    frame = weave(top.lines[:, :lines], bottom.lines[:, :lines])
    if frame.shape[1] < 6:
        return Woven(torch.zeros((1, 1), dtype=torch.bool), torch.zeros((2, 1, 1)), 0.0, 0.0)
    here = frame[:, 2:-2]
    above, below = here - frame[:, 1:-3], here - frame[:, 3:-1]
    near, far = _blocks(above * below), _blocks((here - frame[:, :-4]) * (here - frame[:, 4:])).clamp_min(0)
    even = torch.zeros_like(here)
    even[:, 0::2] = 2.0  # a mean over a block counts half of its lines
    steps = torch.stack([_blocks(below**2 * even), _blocks(above**2 * even)])
    noise = (top.noise + bottom.noise) / 2
    return Woven(near > 2 * far + LEAST + 1.5 * noise, steps, float(steps.mean((1, 2)).max()), noise)


def combing(woven: Woven, moving: Tensor) -> float:
    """How many of the moving blocks (bool) are woven of two times.

    Where a picture moved down or up by a line or less between its fields nothing combs, but lines lie closer to the one neighbour than to
    the other; then all that moves is of two times.
    """
    down, up = (float((s[moving] - 2 * woven.noise).sum()) for s in woven.steps)
    slipped = abs(down - up) > SLIPPED * max(down + up, float(moving.sum()) * LEAST) and detailed(woven, moving) > FEW
    return float(moving.sum() if slipped else (woven.combed & moving).sum())


def detailed(woven: Woven, among: Tensor) -> float:
    """How many blocks `among` these (bool) have the detail, counted by their power: the square of its sum over the sum of its squares."""
    power = (woven.steps.mean(0)[among] - 3 * woven.noise).clamp_min(0)  # noise alone has 2
    return float(power.sum() ** 2 / power.square().sum().clamp_min(1e-20))


def chance(woven: Woven, pixels: int) -> float:
    """By how much Woven.apart may differ for noise, which counts by itself and on every step of the picture, and for what changes in the picture."""
    steps = max(woven.apart - 2 * woven.noise, 0.0)
    return max(INVISIBLE, CHANGES * steps, SAMPLED * (woven.noise * (woven.noise + steps / 2) / pixels) ** 0.5)


def moved(before: Fields, after: Fields) -> Tensor:
    """Which blocks, the same as in judge(), differ between two frames by more than noise, bool.

    The blocks that differ least, of all that are about as bright, may show more noise than noise_of() sees: soft noise, or noise that grows
    with the level.
    """
    lines = min(field.lines.shape[1] for field in before)
    if 2 * lines < 6:
        return torch.ones((1, 1), dtype=torch.bool)
    change = weave(*((a.lines - b.lines)[:, :lines] ** 2 for a, b in zip(before, after, strict=True)))
    clipped = weave(*((a.clipped + b.clipped)[:, :lines] / 2 for a, b in zip(before, after, strict=True)))
    light = weave(*(a.lines[:, :lines] for a in before))
    power, clipped, light = (_blocks(plane[:, 2:-2]) for plane in (change, clipped, light))
    least_noise = sum(field.noise for field in (*before, *after)) / 4
    noise = torch.full_like(power, least_noise)
    level = (light.clamp(0, 1) * (LEVELS - 1)).round()
    for same in (level == value for value in level.unique()):
        noise[same] = max(least_noise, min(least(power[same], clipped[same]) / 2, MORE * least_noise))
    return power > LEAST / 8 + 3.6 * noise


def _blocks(power: Tensor) -> Tensor:
    size = min(BLOCK, *power.shape[1:])
    return avg_pool2d(power[None], size, max(size // 2, 1))[0, 0]


def noise_of(field: Tensor, clipped: Tensor) -> float:
    """Variance of the noise of a field (1, H/2, W), from the blocks with the least detail (Immerkaer, 1996) in which little is `clipped`.

    Samples two apart are compared, across as lines are: noise is soft more often than white. What neighbours do not show at all is a pattern.
    """
    if min(field.shape[1:]) < 5:
        return 0.0
    mask = torch.tensor([1.0, -2.0, 1.0])

    def seen(apart: int) -> float:
        detail = conv2d(field[None], (mask[:, None] * mask[None])[None, None], dilation=(1, apart))[0]
        return least(_blocks(detail**2 / 36), _blocks(clipped[:, 1:-1, apart:-apart]))

    return min(seen(2), SOFT * seen(1))


def least(power: Tensor, clipped: Tensor) -> float:
    """What EVENEST of the blocks with little `clipped` have at most."""
    whole = clipped < CLIPPED
    power = power[whole] if whole.any() else power.flatten()
    return float(power.kthvalue(max(int(power.numel() * EVENEST), 1)).values)


def difference(first: Field, second: Field) -> tuple[float, float]:
    """Root mean square difference of two fields of the same lines, beyond noise; 0 where noise may be all. And the share of the blocks that differ."""
    noise = (first.noise + second.noise) / 2
    blocks = (_blocks((first.lines - second.lines) ** 2) - 3.3 * noise).clamp_min(0)
    power = float(blocks.mean())
    return power**0.5 if power > CERTAIN * noise else 0.0, float((blocks > 0).float().mean())


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
    detail: tuple[float, float]
    """Field.detail of top and bottom, with which Woven.apart rises and falls."""
    top_moved: float
    """Difference of the two top fields."""
    bottom_moved: float
    hidden: float
    """Difference of two fields that noise may hide."""
    chance: float
    """Difference of Woven.apart that may be chance; infinite where too little is to be seen."""
    cut_inside: bool
    """Whether the scene changes between the two fields of the frame."""
    cut_bottom_top: bool
    cut_top_bottom: bool


class Comparison:
    """Goes through a shot frame by frame and notes what neighbouring fields have in common. Keeps two frames, whatever the length."""

    def __init__(self) -> None:
        self._last: Fields | None = None
        self._motion: Tensor | None = None
        """Which blocks moved up to the last frame."""
        self._found: list[Pair] = []

    def add(self, color: Tensor) -> None:
        """The next frame (C, H, W), of the same size as those before."""
        now, before = fields_of(color), self._last
        if before is not None:
            moving = moved(before, now)
            pair = _pair(before, now, moving, self._motion)
            self._found.append(pair)
            self._motion = None if pair.cut_bottom_top or pair.cut_top_bottom else moving
        self._last = now

    def pairs(self) -> list[Pair]:
        """One for each frame. What combs and never moves is a pattern of the scene and does not count."""
        return [*self._found, _pair(self._last, None, None, self._motion)] if self._last else []


def _pair(frame: Fields, after: Fields | None, moving: Tensor | None, moved_before: Tensor | None) -> Pair:
    """A frame and the one after it; `moving` are the blocks that move between them, `moved_before` those that moved up to the frame."""
    top, bottom = frame
    cut_inside = is_cut(top.small, bottom.small)
    cut_bottom_top = after is not None and is_cut(bottom.small, after[0].small)
    cut_top_bottom = after is not None and is_cut(top.small, after[1].small)
    own = judge(top, bottom)
    near = [m for m in (moved_before, None if cut_bottom_top or cut_top_bottom else moving) if m is not None]
    plain = float(own.combed.float().mean()) > PLAIN
    inner = combing(own, torch.stack(near).any(0) if near else torch.full_like(own.combed, plain))
    detail = top.detail, bottom.detail
    doubt = chance(own, 2 * top.lines.numel()) if detailed(own, torch.ones_like(own.combed)) > FEWEST else inf
    if after is None or moving is None:
        return Pair(inner, 0.0, 0.0, 0.0, (own.apart, 0.0, 0.0), detail, 0.0, 0.0, 0.0, doubt, cut_inside, False, False)
    bottom_top, top_bottom = judge(after[0], bottom), judge(top, after[1])
    (top_moved, top_share), (bottom_moved, bottom_share) = difference(top, after[0]), difference(bottom, after[1])
    return Pair(
        inner=inner,
        bottom_top=combing(bottom_top, moving),
        top_bottom=combing(top_bottom, moving),
        more_blocks=float((top_bottom.combed & moving).sum()) - float((bottom_top.combed & moving).sum()),
        apart=(own.apart, bottom_top.apart, top_bottom.apart),
        detail=detail,
        top_moved=top_moved,
        bottom_moved=bottom_moved,
        hidden=(HIDDEN * own.noise * max(top_share, bottom_share)) ** 0.5,
        chance=doubt,
        cut_inside=cut_inside,
        cut_bottom_top=cut_bottom_top,
        cut_top_bottom=cut_top_bottom,
    )
