"""Which fields of a shot are of one time, told from how far apart neighbours are, where nothing combs that a block would show."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vfxai.motion.combing import Pair

CLOSER, NO_CLOSER = 0.25, 0.2
"""Share of what three fields of distance add to Pair.apart by which a field is at least closer to the next of its picture than those around are to
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

    The measure is Pair.apart as a part of the detail of both fields, so that a picture that gets sharper or softer as it moves by parts of a pixel
    does not count.
    """
    inner, one, three = np.array([(p.apart[0], *(p.apart[1:] if top_first else p.apart[:0:-1])) for p in pairs]).T
    detail = np.array([p.detail if top_first else p.detail[::-1] for p in pairs]).ravel() + NOTHING
    mean = (detail + np.roll(detail, -1)) / 2
    apart = np.stack([inner, one], 1).ravel() / mean
    third = three / ((detail + np.roll(detail, -3)) / 2)[::2]
    chance = np.repeat([p.chance for p in pairs], 2) / mean
    count = len(apart)
    found = np.zeros((3, count), bool)
    for k in range(count - 1):
        near = [i for i in range(max(0, k - AROUND), min(count - 1, k + AROUND + 1)) if scene[i] == scene[i + 1] == scene[k]]
        frames = {i // 2 for i in near if i // 2 * 2 + 3 < count and scene[i // 2 * 2] == scene[i // 2 * 2 + 3]}
        if k not in near or len(near) <= AROUND or not frames:
            continue
        low, high = apart[near].min(), apart[near].max()
        more = third[sorted(frames)].mean() - low
        if high - low > max(UNEVEN * more, chance[k]):
            found[2, k] = True
        elif more > chance[k]:
            by = (max(apart[i] for i in near if abs(i - k) <= 2) - apart[k]) / more
            found[:2, k] = by > CLOSER, by < NO_CLOSER
    return Closeness(*found)
