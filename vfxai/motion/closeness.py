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
NOTHING = 1e-9
"""Added to the detail of fields, for those without any."""

Floats = NDArray[np.float64]
Flags = NDArray[Any]


class Closeness(NamedTuple):
    """For each field, bool."""

    closer: Flags
    """It is surely closer to the next field than those around are to theirs."""
    no_closer: Flags
    """It is surely not, though things move."""
    other_order: Flags
    """Around it neighbours are farther apart than fields three apart: the field order is the other one."""


def closeness(pairs: Sequence[Pair], top_first: bool, scene: NDArray[Any]) -> Closeness:
    """How fields lie in a field order; `scene` has the number of each field's scene.

    The measure is Distance.apart as a part of the detail of both fields, so that a picture that gets sharper or softer as it moves by parts of a pixel
    does not count: of the blocks that move where these are all around, else of the whole frame.
    """
    measures = [_measure([p.whole for p in pairs], top_first), _measure([p.moving for p in pairs], top_first)]
    count = 2 * len(pairs)
    found = np.zeros((3, count), bool)
    for k in range(count - 1):
        near = [i for i in range(max(0, k - AROUND), min(count - 1, k + AROUND + 1)) if scene[i] == scene[i + 1] == scene[k]]
        frames = {i // 2 for i in near if i // 2 * 2 + 3 < count and scene[i // 2 * 2] == scene[i // 2 * 2 + 3]}
        if k not in near or len(near) <= AROUND or not frames:
            continue
        apart, third, chance = measures[all(pairs[i // 2].shown for i in near)]
        low, high = apart[near].min(), apart[near].max()
        more = third[sorted(frames)].mean() - low
        if high - low > max(UNEVEN * more, chance[k]):
            found[2, k] = True
        elif more > chance[k]:
            by = (max(apart[i] for i in near if abs(i - k) <= 2) - apart[k]) / more
            found[:2, k] = by > CLOSER, by < NO_CLOSER
    return Closeness(*found)


def _measure(distances: Sequence[Distance], top_first: bool) -> tuple[Floats, Floats, Floats]:
    """How far each field is from the next, and (by frame) from the third after it, and how much of the former may be chance."""
    apart, detail = np.array([(d.apart, d.detail) for d in distances]).transpose(1, 0, 2)
    detail += NOTHING
    one, three = (1, 2) if top_first else (2, 1)
    measure = apart / detail
    chance = np.array([[d.chance] for d in distances]) / detail
    return measure[:, [0, one]].ravel(), measure[:, three], chance[:, [0, one]].ravel()
