"""Which fields of a shot are of one time, told from their place in time between those before and after them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vfxai.fields.combing import FieldPair
from vfxai.fields.phase import Phase

SAME = 0.25
"""Part of what changes in the time of two fields up to which fields are of one time. In video it is half, in film nothing or all."""
CERTAIN = 2.0
"""How many standard deviations from this it must be."""
UNEVEN = 0.1
"""Standard deviation of phases for motion that is not even, and for edges that cross the lines."""
MOST = 3.0
"""What a field costs at most that is where it should not be: as much as ln of how many times less likely that is."""

Floats = NDArray[np.float64]
Flags = NDArray[Any]


class Closeness(NamedTuple):
    """For each field."""

    closer: Flags
    """It is surely of the time of the next field, bool."""
    same: Floats
    """What it costs that it is of the time of the next field."""
    video: Floats
    """What it costs that both are fields of video, in this order."""
    film: Floats
    """What it costs that the next field begins another picture of film."""
    told: Flags
    """Whether anything tells, bool."""


def closeness(pairs: Sequence[FieldPair], top_first: bool, scene: NDArray[Any]) -> Closeness:
    """How the fields of a shot lie in a field order.

    `pairs` are its frames. `scene` (2 N,) has the number of each field's scene, of N frames in that order.
    """
    phases = np.array([p.top_first if top_first else p.bottom_first for p in pairs]).reshape(-1, 3)
    step, error = _steps(phases, scene)
    surely = abs(step) + CERTAIN * error < SAME
    same, video, film = ((((step - true) ** 2) / (2 * (error**2 + UNEVEN**2))).clip(0, MOST) for true in (0.0, 0.5, 1.0))
    return Closeness(surely, same, video, film, np.isfinite(error))


def later(phase: Phase) -> bool:
    """Whether a field is surely not between those before and after it."""
    return min(phase.before, phase.after) + CERTAIN * phase.error < -SAME


def _steps(phases: Floats, scene: NDArray[Any]) -> tuple[Floats, Floats]:
    """How much changes from each field to the next, and the standard deviation, as the one or the other tells."""
    before, after, error = phases.T
    apart = scene[1:] != scene[:-1]
    error = np.where(np.append(apart, False) | np.append(False, apart), np.inf, error)
    of_next = np.append(error[1:], np.inf)
    return np.where(error <= of_next, after, np.append(before[1:], 0.5)), np.minimum(error, of_next)
