"""Whether two fields were taken at the same time: what weaving them would look like, block by block."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d

from vfxai.fields.phase import SIDE, UNKNOWN, Phase, Soft, phase, soft
from vfxai.image.fields import split, weave
from vfxai.motion.cuts import glance, is_cut

BLOCK = 16
"""Side of the blocks that are judged, in pixels: the smallest thing whose motion must be noticed."""
LEAST = (1.5 / 255) ** 2
"""Power of combing, in display-like values squared, below which nobody sees it."""
SLIPPED = 0.35
"""Share by which steps between lines differ, of those from even to odd ones and those from odd to even ones, that few still pictures have."""
PLAIN = 0.02
"""Share of combed blocks that is no chance in a frame without neighbours."""
CERTAIN = 0.1
"""Power of a difference, in variances of the noise, that chance does not make. Twice as much is not taken for nothing by chance either."""
HIDDEN = 0.8
"""Power of the difference of the blocks that differ, in variances of the noise, at which it may still be taken for chance in the one field and not in
the other."""
AROUND = SIDE // 2 + 1
"""Frames before and after one that have the fields which tell its place in time."""
EVENEST = 0.1
"""Share of the blocks that are taken to show noise alone."""
LEVELS, MORE = 8, 6.0
"""Levels of brightness that are judged apart, and up to how many times the variance that noise_of() finds is noise, where all blocks of one differ."""
SOFT = 6.0
"""Up to how many times the variance in neighbouring samples is noise."""
CLIPPED = 0.02
"""Share of samples at the least or largest value of the frame up to which a block shows its noise whole."""
ENOUGH = 0.25
"""Share of the blocks, those with the fewest such samples, that are looked at in any case: where a colour is 0 all over only edges may be left."""
LEAST_SHOWN = 0.25
"""Share of its noise that a block is taken to show at least."""


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


Fields = tuple[Field, Field]
"""Top and bottom of a frame."""


def fields_of(color: Tensor) -> Fields:
    """Of a frame (C, H, W) float32 in display-like values."""
    clipped = ((color == color.amin((1, 2), True)) | (color == color.amax((1, 2), True))).float()
    top, bottom = split(torch.stack([color.mean(0), clipped.mean(0)]))
    bottom = bottom if bottom.shape[1] else top  # a frame of one line

    def field(planes: Tensor) -> Field:
        lines, clipped = planes[:1], planes[1:]
        return Field(lines, clipped, glance(lines[:, : bottom.shape[1]]), noise_of(lines, clipped))

    return field(top), field(bottom)


@dataclass(frozen=True)
class Woven:
    """The frame woven of two fields, in blocks."""

    combed: Tensor
    """Which blocks are combed, bool."""
    steps: Tensor
    """(2, blocks): power of the differences from even to odd lines, and from odd to even lines."""
    noise: float
    """Variance of its noise."""

    def apart(self) -> float:
        """Mean power of the larger of the steps: the farther apart the fields, the more, be it along lines or across them. Combing is no such measure:
        it is gone where a picture has moved by a line."""
        return float(self.steps.mean((1, 2)).max())


def _even(frame: Tensor) -> Tensor:
    """1 in the lines 0, 2, 4 and so on of a frame (1, H, W), else 0."""
    even = torch.zeros_like(frame)
    even[:, 0::2] = 1.0
    return even


def judge(top: Field, bottom: Field) -> Woven:
    """Weaves two fields, and looks for combing.

    A line that differs from both its neighbours the same way is combed or a thin line; a thin line differs from the lines two away
    as well. In noise both differences have the same power, in pictures the near one has less, so a block in which the near
    difference has far more power than the far one was woven of two times.
    """
    lines = min(top.lines.shape[1], bottom.lines.shape[1])
    frame = weave(top.lines[:, :lines], bottom.lines[:, :lines])
    if frame.shape[1] < 6:
        return Woven(frame.new_zeros((1, 1), dtype=torch.bool), frame.new_zeros((2, 1, 1)), 0.0)
    here = frame[:, 2:-2]
    above, below = here - frame[:, 1:-3], here - frame[:, 3:-1]
    near, far = _blocks(above * below), _blocks((here - frame[:, :-4]) * (here - frame[:, 4:])).clamp_min(0)
    even = 2 * _even(here)  # a mean over a block counts half of its lines
    steps = torch.stack([_blocks(below**2 * even), _blocks(above**2 * even)])
    noise = (top.noise + bottom.noise) / 2
    return Woven(near > 2 * far + LEAST + 1.5 * noise, steps, noise)


def combing(woven: Woven, moving: Tensor) -> float:
    """How many of the `moving` blocks (rows, columns) bool are combed."""
    return float((woven.combed & moving).sum())


def slipped(woven: Woven, moving: Tensor) -> bool:
    """Whether, in the `moving` blocks (rows, columns) bool, lines lie closer to the one neighbour than to the other.

    So they do where a picture has moved down or up by a line or less, so that nothing combs, and at the edge of a bar.
    """
    down, up = (float((s[moving] - 2 * woven.noise).sum()) for s in woven.steps)
    return abs(down - up) > SLIPPED * max(down + up, float(moving.sum()) * LEAST) > 0


def moved(before: Fields, after: Fields) -> Tensor:
    """Which blocks, those of judge(), differ between two frames by more than noise: (rows, columns) bool.

    The blocks that differ least, of all that are about as bright, may show more noise than noise_of() sees: soft noise, or noise that grows
    with the level.
    """
    lines = min(field.lines.shape[1] for field in before)
    if 2 * lines < 6:
        return before[0].lines.new_ones((1, 1), dtype=torch.bool)
    change = weave(*((a.lines - b.lines)[:, :lines] for a, b in zip(before, after, strict=True)))
    clipped = weave(*((a.clipped + b.clipped)[:, :lines] / 2 for a, b in zip(before, after, strict=True)))
    light = weave(*(a.lines[:, :lines] for a in before))
    power, clipped, light = (_blocks(plane[:, 2:-2]) for plane in (change**2, clipped, light))
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
    mask = field.new_tensor([1.0, -2.0, 1.0])

    def seen(apart: int) -> float:
        detail = conv2d(field[None], (mask[:, None] * mask[None])[None, None], dilation=(1, apart))[0]
        return least(_blocks(detail**2 / 36), _blocks(clipped[:, 1:-1, apart:-apart]))

    return min(seen(2), SOFT * seen(1))


def least(power: Tensor, clipped: Tensor) -> float:
    """The power that EVENEST of the blocks have at most, among those that show most of their noise, were nothing clipped.

    `power` and `clipped` (rows, columns) float32 are means over blocks: of what was measured, and of the share of clipped samples, 0..1.
    """
    limit = max(CLIPPED, float(clipped.flatten().kthvalue(max(int(clipped.numel() * ENOUGH), 1)).values))
    whole = clipped <= limit
    power = power[whole] / (1 - clipped[whole]).clamp_min(LEAST_SHOWN)
    return float(power.kthvalue(max(int(power.numel() * EVENEST), 1)).values)


def difference(first: Field, second: Field) -> tuple[float, float]:
    """Root mean square difference of two fields of the same lines, beyond noise; 0 where noise may be all. And the share of the blocks that differ."""
    noise = (first.noise + second.noise) / 2
    blocks = (_blocks((first.lines - second.lines) ** 2) - 3.3 * noise).clamp_min(0)
    power = float(blocks.mean())
    return power**0.5 if power > CERTAIN * noise else 0.0, float((blocks > 0).float().mean())


@dataclass(frozen=True)
class FieldPair:
    """What a frame's fields have in common with each other and with those of the next frame (nothing after the last). Counts are
    of blocks that are combed and move."""

    inner: float
    """Top with bottom of the frame itself."""
    bottom_top: float
    """Bottom of the frame with top of the next: neighbours in time where the top field comes first."""
    top_bottom: float
    """Top of the frame with bottom of the next."""
    slipped: tuple[bool, bool, bool]
    """Whether inner, bottom_top and top_bottom have slipped(), so that it tells nothing if they do not comb."""
    apart: tuple[float, float, float]
    """Woven.apart of the same."""
    top_moved: float
    """Difference of the two top fields."""
    bottom_moved: float
    hidden: float
    """Difference of two fields that noise may hide."""
    cut_inside: bool
    """Whether the scene changes between the two fields of the frame."""
    cut_bottom_top: bool
    cut_top_bottom: bool
    top_first: tuple[Phase, Phase] = (UNKNOWN, UNKNOWN)
    """Where its first and its second field lie in time, were the top field first."""
    bottom_first: tuple[Phase, Phase] = (UNKNOWN, UNKNOWN)
    """The same, were the bottom field first."""


class Comparison:
    """Goes through a shot frame by frame and notes what neighbouring fields have in common. Keeps a few frames, whatever the length."""

    def __init__(self) -> None:
        self._last: Fields | None = None
        self._moved: Tensor | None = None
        """What moved up to the last frame in its scene."""
        self._found: list[FieldPair] = []
        self._soft: dict[int, tuple[Soft, Soft]] = {}
        """Top and bottom field of the last frames, by their place in the shot."""

    def add(self, color: Tensor) -> None:
        """The next frame (C, H, W), of the same size as those before."""
        now, before = fields_of(color), self._last
        if before is not None:
            moving = moved(before, now)
            pair = _pair(before, now, moving, self._moved)
            self._found.append(pair)
            self._moved = None if pair.cut_bottom_top or pair.cut_top_bottom else moving
        self._last = now
        height = color.shape[1]
        self._soft[len(self._found)] = soft(now[0].lines, 0, height), soft(now[1].lines, 1, height)
        at = len(self._found) - 1 - AROUND
        if at >= 0:
            self._found[at] = self._placed(self._found, at)
            self._soft.pop(at - AROUND, None)

    def pairs(self) -> list[FieldPair]:
        """One for each frame. What combs and never moves is a pattern of the scene and does not count."""
        if self._last is None:
            return []
        found = [*self._found, _pair(self._last, None, None, self._moved)]
        return [*found[: -1 - AROUND], *(self._placed(found, at) for at in range(max(0, len(found) - 1 - AROUND), len(found)))]

    def _placed(self, found: list[FieldPair], at: int) -> FieldPair:
        """A frame of these with its place in time; `found` has all frames around it."""
        return replace(found[at], top_first=self._phases(found, at, True), bottom_first=self._phases(found, at, False))

    def _phases(self, found: list[FieldPair], at: int, top_first: bool) -> tuple[Phase, Phase]:
        fields, scenes, scene = [], [], 0
        start = max(0, at - AROUND)
        for number in range(start, min(len(found), at + AROUND + 1)):
            pair = found[number]
            for second in (False, True):
                fields.append(self._soft[number][second == top_first])
                scenes.append(scene)
                cut = (pair.cut_bottom_top if top_first else pair.cut_top_bottom) if second else pair.cut_inside
                scene += cut

        def of(place: int) -> Phase:
            same = [k for k, number in enumerate(scenes) if number == scenes[place]]
            return phase([fields[k] for k in same], place - same[0])

        return of(2 * (at - start)), of(2 * (at - start) + 1)


def _pair(frame: Fields, after: Fields | None, moving: Tensor | None, moved_before: Tensor | None) -> FieldPair:
    """A frame and the one after it; `moving` are the blocks that move between them, `moved_before` those that moved up to the frame in its scene."""
    top, bottom = frame
    cut_inside = is_cut(top.small, bottom.small)
    cut_bottom_top = after is not None and is_cut(bottom.small, after[0].small)
    cut_top_bottom = after is not None and is_cut(top.small, after[1].small)
    own = judge(top, bottom)
    near = [m for m in (moved_before, None if cut_bottom_top or cut_top_bottom else moving) if m is not None]
    plain = float(own.combed.float().mean()) > PLAIN
    moves = torch.stack(near).any(0) if near else torch.full_like(own.combed, plain)
    inner = combing(own, moves)
    if after is None or moving is None:
        alone = slipped(own, moves), False, False
        return FieldPair(inner, 0.0, 0.0, alone, (own.apart(), 0.0, 0.0), 0.0, 0.0, 0.0, cut_inside, False, False)
    bottom_top, top_bottom = judge(after[0], bottom), judge(top, after[1])
    (top_moved, top_share), (bottom_moved, bottom_share) = difference(top, after[0]), difference(bottom, after[1])
    return FieldPair(
        inner=inner,
        bottom_top=combing(bottom_top, moving),
        top_bottom=combing(top_bottom, moving),
        slipped=(slipped(own, moves), slipped(bottom_top, moving), slipped(top_bottom, moving)),
        apart=(own.apart(), bottom_top.apart(), top_bottom.apart()),
        top_moved=top_moved,
        bottom_moved=bottom_moved,
        hidden=(own.noise * max(HIDDEN * top_share, HIDDEN * bottom_share, 2 * CERTAIN)) ** 0.5,
        cut_inside=cut_inside,
        cut_bottom_top=cut_bottom_top,
        cut_top_bottom=cut_top_bottom,
    )
