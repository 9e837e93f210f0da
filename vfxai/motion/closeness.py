"""Which fields of a shot are of one time, told from how far apart neighbours are, where nothing combs that a block would show."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vfxai.motion.combing import Distance, Pair

CLOSER, NO_CLOSER = 0.25, 0.2
"""Share of what three fields of distance add to Distance.apart by which a field is at least closer to the next of its picture than those around are to
theirs. In video 95 % of the fields have less than 0.2, in film 99 % more than 0.3 (slow pans and tilts over pictures of ../shared/data/train)."""
UNEVEN = 2.0
"""The same for the range of all: more only where the field order is the other one."""
AROUND = 4
"""Fields before and after that are looked at for this."""
CROSSING, EXPLAINED = 0.45, 0.065
"""Shares of Pair.power that Pair.crossing and Pair.explained are from which on level edges are most of what is seen to move. How far apart fields look
then depends on which edges cross a line, by chance in a cadence: it is averaged over first and over second fields, unless some come again, as an average
hides film of three fields. An average is surely CLOSER or not. Pictures of ../shared/data/train that move down by half a line in a frame have 0.3 and 0.03
in the median, up to 0.55 and 0.1; drawn flat roofs from 0.48 and 0.2 on; a bridge and lamps before an even sky 0.5 and 0.1."""
LONG = 24
"""Fields before and after that are averaged then."""
NOTHING = 1e-9
"""Added to the detail of fields, for those without any."""

Floats = NDArray[np.float64]
Flags = NDArray[Any]


class Closeness(NamedTuple):
    """For each field, bool."""

    closer: Flags
    """It is surely closer to the next field than those before and after it are to theirs."""
    no_closer: Flags
    """It is surely no closer than any of them, though things move."""
    other_order: Flags
    """Around it neighbours are farther apart than fields three apart: the field order is the other one."""


def closeness(pairs: Sequence[Pair], top_first: bool, scene: NDArray[Any], again: Flags) -> Closeness:
    """How fields lie in a field order; `scene` has the number of each field's scene, `again` whether it comes again two fields later.

    The measure is Distance.apart as a part of the detail of both fields, so that a picture that gets sharper or softer as it moves by parts of a pixel
    does not count: of the blocks that move where these are all around, else of the whole frame.
    """
    distances = {True: [p.moving for p in pairs], False: [p.whole for p in pairs]}
    measures = {shown: _measure(of, top_first) for shown, of in distances.items()}
    count = 2 * len(pairs)
    found = np.zeros((3, count), bool)
    for k in range(count - 1):
        near, long = _near(k, AROUND, scene), _near(k, LONG, scene)
        if k not in near or len(near) <= AROUND:
            continue
        averaged = _only_level_edges([pairs[j] for j in _whole(long, scene)]) and not again[long].any()
        near = long if averaged else near
        frames = _whole(near, scene)
        if not frames:
            continue
        shown = all(pairs[i // 2].shown for i in near)
        apart, thirds, chance = measures[shown]
        third = float(thirds[frames].mean())
        if averaged:
            apart, third = _averaged([distances[shown][j] for j in frames], top_first, count)
        low, high = apart[near].min(), apart[near].max()
        more = third - low
        if high - low > max(UNEVEN * more, chance[k]):
            found[2, k] = True
        elif more > chance[k]:
            sides = [max(apart[side]) for side in ([i for i in near if 0 < s * (i - k) <= 2] for s in (-1, 1)) if side]
            by_both, by = (min(sides) - apart[k]) / more, (max(sides) - apart[k]) / more  # motion may slow down or speed up
            found[:2, k] = by_both > CLOSER, by < (CLOSER if averaged else NO_CLOSER)
    return Closeness(*found)


def _only_level_edges(pairs: Sequence[Pair]) -> bool:
    """Whether these are most of what is seen to move, and little moves that is not seen."""
    power, crossing, explained = np.array([(p.power, p.crossing, p.explained) for p in pairs]).reshape(-1, 3).sum(0)
    seen = 2 * sum(p.shown for p in pairs) > len(pairs)
    return bool(seen and crossing > CROSSING * power and explained > EXPLAINED * power)


def _near(k: int, fields: int, scene: NDArray[Any]) -> list[int]:
    """The fields up to so many before and after field k that have a next one, both in its scene."""
    return [i for i in range(max(0, k - fields), min(len(scene) - 1, k + fields + 1)) if scene[i] == scene[i + 1] == scene[k]]


def _whole(near: list[int], scene: NDArray[Any]) -> list[int]:
    """The frames of these fields that are in one scene with the next frame."""
    return sorted({i // 2 for i in near if i // 2 * 2 + 3 < len(scene) and scene[i // 2 * 2] == scene[i // 2 * 2 + 3]})


def _measure(distances: Sequence[Distance], top_first: bool) -> tuple[Floats, Floats, Floats]:
    """How far each field is from the next, and (by frame) from the third after it, and how much of the former may be chance."""
    apart, detail = np.array([(d.apart, d.detail) for d in distances]).transpose(1, 0, 2)
    detail += NOTHING
    one, three = (1, 2) if top_first else (2, 1)
    measure = apart / detail
    chance = np.array([[d.chance] for d in distances]) / detail
    return measure[:, [0, one]].ravel(), measure[:, three], chance[:, [0, one]].ravel()


def _averaged(distances: Sequence[Distance], top_first: bool, count: int) -> tuple[Floats, float]:
    """How far each of so many fields is from the next, the same for all first and for all second fields; and how far fields are from the third after."""
    slopes, detail = np.mean([d.slopes for d in distances], 0), np.mean([d.detail for d in distances], 0)
    inner, bottom_top, top_bottom = slopes.max(1) / (detail + NOTHING)
    one, three = (bottom_top, top_bottom) if top_first else (top_bottom, bottom_top)
    return np.resize([inner, one], count), float(three)
