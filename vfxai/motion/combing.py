"""Whether two fields were taken at the same time: what weaving them would look like, block by block."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, pad

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
SAMPLED = 40.0
"""Six standard deviations of Woven.apart by chance, where `n` pixels have the noise and the detail that chance() takes, are this over the root of `n`."""
INVISIBLE = 2e-6
"""Power below which a difference of Woven.apart may be anything's."""
CHANGES = 0.04
"""Share of Woven.apart that differs as pictures change that hardly move."""
ALL_OF_IT = 0.7
"""Share of what differs between frames that is in blocks where it shows, from which on only these are looked at."""
LATELY = 4
"""Pairs of frames back to which blocks that moved are looked at: in other blocks every frame the same picture would be as far apart as if it moved."""
FEWEST = 15
"""Blocks with detail from which Woven.apart tells all it can: a few edges come and go as they cross the lines."""
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
    """Of a frame (C, H, W) in display-like values."""
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
    within: Tensor
    """(blocks): the same between the lines of the top field and between those of the bottom field."""
    noise: float
    """Variance of its noise."""

    def apart(self, where: Tensor | None) -> float:
        """Mean power of the larger of the steps: the farther apart the fields, the more, be it along lines or across them. Combing is no such measure:
        it is gone where a picture has moved by a line. Of these blocks (bool) one by one, as the edge of a bar may outweigh all that moves; the rest
        shows noise alone. Without `where` of the whole frame, which tells more where noise hides what moves."""
        return float(self.steps.mean((1, 2)).max()) if where is None else _mean_of(self.steps.amax(0), where, self.noise)

    def slopes(self, where: Tensor | None) -> tuple[float, float]:
        """Mean power of the steps from even to odd and from odd to even lines, of the same blocks. A level edge has only one of them, more often that
        over which the fields are farther apart."""
        down, up = (_mean_of(steps, where, self.noise) for steps in self.steps)
        return down, up

    def detail(self, where: Tensor | None) -> float:
        """The same as `apart` of the steps within both fields, with which `apart` rises and falls."""
        return _mean_of(self.within, where, self.noise)


def _even(frame: Tensor) -> Tensor:
    """1 in the lines 0, 2, 4 and so on of a frame (1, H, W), else 0."""
    even = torch.zeros_like(frame)
    even[:, 0::2] = 1.0
    return even


def _mean_of(steps: Tensor, where: Tensor | None, noise: float) -> float:
    return float((steps if where is None else steps.where(where, 2 * noise)).mean())


def judge(top: Field, bottom: Field) -> Woven:
    """Weaves two fields, and looks for combing.

    A line that differs from both its neighbours the same way is combed or a thin line; a thin line differs from the lines two away
    as well. In noise both differences have the same power, in pictures the near one has less, so a block in which the near
    difference has far more power than the far one was woven of two times.
    """
    lines = min(top.lines.shape[1], bottom.lines.shape[1])
    frame = weave(top.lines[:, :lines], bottom.lines[:, :lines])
    if frame.shape[1] < 6:
        return Woven(torch.zeros((1, 1), dtype=torch.bool), torch.zeros((2, 1, 1)), torch.zeros((1, 1)), 0.0)
    here = frame[:, 2:-2]
    above, below = here - frame[:, 1:-3], here - frame[:, 3:-1]
    near, far = _blocks(above * below), _blocks((here - frame[:, :-4]) * (here - frame[:, 4:])).clamp_min(0)
    even = 2 * _even(here)  # a mean over a block counts half of its lines
    steps = torch.stack([_blocks(below**2 * even), _blocks(above**2 * even)])
    noise = (top.noise + bottom.noise) / 2
    return Woven(near > 2 * far + LEAST + 1.5 * noise, steps, _blocks((here - frame[:, 4:]) ** 2), noise)


def combing(woven: Woven, moving: Tensor) -> float:
    """How many of the moving blocks (bool) are combed."""
    return float((woven.combed & moving).sum())


def slipped(woven: Woven, moving: Tensor) -> bool:
    """Whether in what moves lines lie closer to the one neighbour than to the other: as where a picture has moved down or up by a line or less, so that
    nothing combs, and at the edge of a bar."""
    down, up = (float((s[moving] - 2 * woven.noise).sum()) for s in woven.steps)
    return abs(down - up) > SLIPPED * max(down + up, float(moving.sum()) * LEAST) > 0


def detailed(woven: Woven, among: Tensor) -> float:
    """How many blocks `among` these (bool) have the detail, counted by their power: the square of its sum over the sum of its squares."""
    power = (woven.steps.mean(0)[among] - 3 * woven.noise).clamp_min(0)  # noise alone has 2
    return float(power.sum() ** 2 / power.square().sum().clamp_min(1e-20))


def chance(woven: Woven, where: Tensor | None, pixels: int) -> float:
    """By how much Woven.apart may differ in these blocks of a frame with this many pixels for noise, which counts by itself and on every step of the
    picture, and for what changes in the picture: the more, the fewer edges there are."""
    among = torch.ones_like(woven.combed) if where is None else where
    share, edges = float(among.float().mean()), detailed(woven, among)
    steps = max(_mean_of(woven.steps.mean(0), where, woven.noise) - 2 * woven.noise, 0.0)
    changes = CHANGES * steps * max(FEWEST / max(edges, 1e-9), 1.0)
    return max(INVISIBLE, changes, SAMPLED * (woven.noise * (share * woven.noise + steps / 2) / pixels) ** 0.5)


class Motion(NamedTuple):
    """Which blocks, the same as in judge(), differ between two frames."""

    blocks: Tensor
    """Bool."""
    all_of_it: bool
    """Whether these have most of what moves: noise may hide it in every block."""
    power: float
    """Of the difference in these, beyond noise."""
    crossing: float
    """How much of it goes with what each line of a field has and those beside it have not: a level edge is seen to move only as it crosses a line, and
    then by a whole line."""
    explained: float
    """How much of it that explains: little where it is far more than what moves, and goes with it by chance."""


def moved(before: Fields, after: Fields) -> Motion:
    """What differs between two frames by more than noise.

    The blocks that differ least, of all that are about as bright, may show more noise than noise_of() sees: soft noise, or noise that grows
    with the level.
    """
    lines = min(field.lines.shape[1] for field in before)
    if 2 * lines < 6:
        return Motion(torch.ones((1, 1), dtype=torch.bool), False, 0.0, 0.0, 0.0)
    change = weave(*((a.lines - b.lines)[:, :lines] for a, b in zip(before, after, strict=True)))
    hidden = weave(
        *((_unlike_beside(a.lines) + _unlike_beside(b.lines))[:, :lines] / 2 for a, b in zip(before, after, strict=True))
    )
    clipped = weave(*((a.clipped + b.clipped)[:, :lines] / 2 for a, b in zip(before, after, strict=True)))
    light = weave(*(a.lines[:, :lines] for a in before))
    power, clipped, light = (_blocks(plane[:, 2:-2]) for plane in (change**2, clipped, light))
    even = _even(change)
    crossing, explained = torch.zeros_like(power), torch.zeros_like(power)
    for lines_of_a_field in (even, 1 - even):
        both, alone = (_blocks((plane * lines_of_a_field)[:, 2:-2]) for plane in (change * hidden, hidden**2))
        crossing += both.abs()
        explained += both**2 / alone.clamp_min(1e-12)
    least_noise = sum(field.noise for field in (*before, *after)) / 4
    noise = torch.full_like(power, least_noise)
    level = (light.clamp(0, 1) * (LEVELS - 1)).round()
    for same in (level == value for value in level.unique()):
        noise[same] = max(least_noise, min(least(power[same], clipped[same]) / 2, MORE * least_noise))
    blocks = power > LEAST / 8 + 3.6 * noise
    beyond = (power - 2 * noise).clamp_min(0)
    shown = float(beyond[blocks].sum())
    all_of_it = shown > ALL_OF_IT * float(beyond.sum())
    return Motion(blocks, all_of_it, shown, float(crossing[blocks].sum()), float(explained[blocks].sum()))


def _unlike_beside(lines: Tensor) -> Tensor:
    """What every line of a field (1, H/2, W) has that the two above and the two below do not tell, by a cubic curve through them."""
    height = lines.shape[1]
    padded = pad(lines, (0, 0, 2, 2), "replicate")
    above, below, two_above, two_below = (padded[:, at : at + height] for at in (1, 3, 0, 4))
    return lines - (4 * (above + below) - two_above - two_below) / 6


def _any(motions: tuple[Motion, ...], otherwise: Tensor) -> Tensor:
    return torch.stack([m.blocks for m in motions]).any(0) if motions else otherwise


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
    """What EVENEST of the blocks that show most of their noise have at most, were nothing clipped."""
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


class Distance(NamedTuple):
    """How far apart the fields of two frames are."""

    apart: tuple[float, ...]
    """Woven.apart of Pair.inner, bottom_top and top_bottom."""
    detail: tuple[float, ...]
    """Woven.detail of the same, with which `apart` rises and falls."""
    slopes: tuple[tuple[float, float], ...]
    """Woven.slopes of the same."""
    chance: float
    """Difference of `apart` that may be chance."""


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
    slipped: tuple[bool, bool, bool]
    """Whether inner, bottom_top and top_bottom have slipped(), so that it tells nothing if they do not comb."""
    whole: Distance
    """How far apart the fields are over the whole frame, which tells what no block shows."""
    moving: Distance
    """The same of the blocks that move."""
    shown: bool
    """Whether these blocks have all that moves, as far as noise lets it show."""
    top_moved: float
    """Difference of the two top fields."""
    bottom_moved: float
    hidden: float
    """Difference of two fields that noise may hide."""
    power: float
    crossing: float
    explained: float
    """Motion.power, Motion.crossing and Motion.explained up to the next frame."""
    cut_inside: bool
    """Whether the scene changes between the two fields of the frame."""
    cut_bottom_top: bool
    cut_top_bottom: bool


class Comparison:
    """Goes through a shot frame by frame and notes what neighbouring fields have in common. Keeps two frames, whatever the length."""

    def __init__(self) -> None:
        self._last: Fields | None = None
        self._moved: tuple[Motion, ...] = ()
        """What moved up to the last frame in its scene, from pair to pair of the last LATELY."""
        self._found: list[Pair] = []

    def add(self, color: Tensor) -> None:
        """The next frame (C, H, W), of the same size as those before."""
        now, before = fields_of(color), self._last
        if before is not None:
            moving = moved(before, now)
            pair = _pair(before, now, moving, self._moved)
            self._found.append(pair)
            self._moved = () if pair.cut_bottom_top or pair.cut_top_bottom else (*self._moved, moving)[-LATELY:]
        self._last = now

    def pairs(self) -> list[Pair]:
        """One for each frame. What combs and never moves is a pattern of the scene and does not count."""
        return [*self._found, _pair(self._last, None, None, self._moved)] if self._last else []


def _pair(frame: Fields, after: Fields | None, moving: Motion | None, moved_before: tuple[Motion, ...]) -> Pair:
    """A frame and the one after it; `moving` is what moves between them, `moved_before` what moved up to the frame, the latest last."""
    top, bottom = frame
    cut_inside = is_cut(top.small, bottom.small)
    cut_bottom_top = after is not None and is_cut(bottom.small, after[0].small)
    cut_top_bottom = after is not None and is_cut(top.small, after[1].small)
    own = judge(top, bottom)
    goes_on = () if moving is None or cut_bottom_top or cut_top_bottom else (moving,)
    near, lately = (*moved_before[-1:], *goes_on), (*moved_before, *goes_on)
    plain = float(own.combed.float().mean()) > PLAIN
    moves = _any(near, torch.full_like(own.combed, plain))
    across = (judge(after[0], bottom), judge(top, after[1])) if after else ()

    def distance(where: Tensor | None) -> Distance:
        measured = [(woven.apart(where), woven.detail(where), woven.slopes(where)) for woven in (own, *across)]
        apart, detail, slopes = zip(*(measured + 2 * [(0.0, 0.0, (0.0, 0.0))])[:3], strict=True)
        return Distance(apart, detail, slopes, chance(own, where, 2 * top.lines.numel()))

    inner, whole, of_moving = combing(own, moves), distance(None), distance(_any(lately, moves))
    shown = bool(near) and all(m.all_of_it for m in near)
    if after is None or moving is None:
        alone = slipped(own, moves), False, False
        return Pair(inner, 0.0, 0.0, alone, whole, of_moving, shown, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, cut_inside, False, False)
    bottom_top, top_bottom = across
    (top_moved, top_share), (bottom_moved, bottom_share) = difference(top, after[0]), difference(bottom, after[1])
    return Pair(
        inner=inner,
        bottom_top=combing(bottom_top, moving.blocks),
        top_bottom=combing(top_bottom, moving.blocks),
        slipped=(slipped(own, moves), slipped(bottom_top, moving.blocks), slipped(top_bottom, moving.blocks)),
        whole=whole,
        moving=of_moving,
        shown=shown,
        top_moved=top_moved,
        bottom_moved=bottom_moved,
        hidden=(own.noise * max(HIDDEN * top_share, HIDDEN * bottom_share, 2 * CERTAIN)) ** 0.5,
        power=moving.power,
        crossing=moving.crossing,
        explained=moving.explained,
        cut_inside=cut_inside,
        cut_bottom_top=cut_bottom_top,
        cut_top_bottom=cut_top_bottom,
    )
