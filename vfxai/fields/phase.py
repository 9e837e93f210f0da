"""Where in time a field lies between the one before and the one after it, told from everything that moves."""

from collections.abc import Sequence
from functools import lru_cache
from math import inf
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

SCALES = (12.0, 4.0)
"""Standard deviations, in pixels and lines of the frame, of the Gaussian filters through which fields are seen. Only what is coarser than their lines
is alike in both fields of a picture; the coarser, the faster it may move."""
BLOCK = 4
"""Side of the blocks whose votes are counted, in samples, which are a standard deviation apart."""
SIDE = 8
"""Fields to either side that tell how the picture changes. Fine lines that come and go as they cross those of the fields do not count in so many."""
DEPENDENT, LITTLE = 2.0, 1.0
"""How many times the error is what it would be if blocks erred by themselves, and at which error so far twice as much: slow moves over pictures of
../shared/data/train were off by 0.05 where it would be 0.03, by 0.1 where 0.06 and by 0.45 where 0.1."""
ENOUGH = 0.28
"""Standard error from which on the coarser scale does."""
CERTAIN = 4.0
"""How many times its standard deviation the change must be of which the position is a part."""
FLOOR = 1e-8
"""Power of changes, in display-like values squared, below which blocks weigh no more."""


class Phase(NamedTuple):
    """A field's place in time, as parts of what changes in the time of two fields."""

    before: float
    """What has changed since the field before: 0 where it is of the same time, 0.5 in video, 1 where a picture of film begins; below 0 where it is older."""
    after: float
    """What changes up to the field after."""
    error: float
    """Standard deviation of both; infinite where nothing tells."""


UNKNOWN = Phase(0.5, 0.5, inf)
"""Of a field in which nothing tells: halfway, with an error without bound."""

Soft = tuple[Tensor, ...]
"""A field at SCALES, each (rows, columns), sampled at the same places of the frame whether it is a top or a bottom field."""


def soft(lines: Tensor, first: int, height: int) -> Soft:
    """Of a field (1, H/2, W) float32 in display-like values that begins with line `first` (0 or 1) of a frame of this height."""
    rows, columns = lines.shape[1:]
    pairs = ((_filter(rows, 2, first, height, s), _filter(columns, 1, 0, columns, s)) for s in SCALES)
    return tuple(down.to(lines.device) @ lines[0] @ across.to(lines.device).T for down, across in pairs)


@lru_cache(16)
def _filter(samples: int, step: int, first: int, size: int, deviation: float) -> Tensor:
    """(places, samples), a Gaussian around places of 0 to `size` for samples at `first`, `first` + `step` and so on. No place is near the border, where it
    would be cut off, at another distance in each field."""
    places = torch.arange(3 * deviation, max(size, 6 * deviation) - 3 * deviation, deviation)
    at = first + step * torch.arange(samples, dtype=torch.float32)
    weight = torch.exp(-((at - places[:, None]) ** 2) / (2 * deviation**2))
    return weight / weight.sum(1, keepdim=True).clamp_min(1e-12)


def phase(fields: Sequence[Soft], at: int) -> Phase:
    """Of one of these fields, which follow each other in time and are of one scene.

    A field is the one before plus a part of what changes up to the one after. That part is fitted along how the picture changes over the fields
    around these three (an instrumental variable): their noise, of any kind, is not in it, nor is what makes top and bottom fields differ.
    """
    early, late = _around(at, len(fields))
    found = UNKNOWN
    for scale in range(len(SCALES)) if early else ():
        if not fields[at][scale].numel():
            continue
        found = min(found, _fitted([f[scale] for f in fields], at, early, late), key=lambda p: p.error)
        if found.error < ENOUGH:
            break
    return found


def _around(at: int, count: int) -> tuple[list[int], list[int]]:
    """The fields whose difference shows how a picture changes: earlier and later ones, of one length each, and as many top as bottom fields.

    What changes sign with every line that a picture moves, frame by frame, does so an even number of times in four fields. At the ends of a scene both
    are of one side.
    """
    if not 0 < at < count - 1:
        return [], []
    before, after = list(range(at - 2, max(-1, at - 2 - SIDE), -1)), list(range(at + 2, min(count, at + 2 + SIDE)))
    for cycle in (4, 2):
        first, second = (side[: len(side) // cycle * cycle] for side in (before, after))
        if first and second:
            return first, second
        half = max(len(first), len(second)) // (2 * cycle) * cycle
        if half:
            return (first[-half:], first[:half]) if first else (second[:half], second[-half:])
    if before and after:
        return before[:1], after[:1]
    if max(len(before), len(after)) == 3:  # the first and the third, both top or both bottom fields
        return (before[2:], before[:1]) if before else (after[:1], after[2:])
    return [], []


def _fitted(fields: Sequence[Tensor], at: int, early: Sequence[int], late: Sequence[int]) -> Phase:
    def change(first: Sequence[int], second: Sequence[int]) -> Tensor:
        return torch.stack([fields[k] for k in second]).mean(0) - torch.stack([fields[k] for k in first]).mean(0)

    def time(first: Sequence[int], second: Sequence[int]) -> float:
        return sum(second) / len(second) - sum(first) / len(first)

    across = fields[at + 1] - fields[at - 1]
    middle = fields[at] - (fields[at - 1] + fields[at + 1]) / 2
    weight = 1 / (_blocks(across**2 + middle**2) + FLOOR)
    trend = _without_flicker(change(early, late), fields[at], weight)
    part, whole = weight * _blocks(middle * trend), weight * _blocks(across * trend)
    if _certain(whole):
        share = float(part.sum() / whole.sum())
        return Phase(0.5 + share, 0.5 - share, _deviation(part - share * whole, whole))
    if not (early[0] < at < late[0] and len(early) > 1 and len(late) > 1):
        return UNKNOWN
    # The fields before and after are of one time: what changes in two fields is told by those around.
    near, far = (tuple(side[: len(side) // 2] for side in (early, late)), tuple(side[len(side) // 2 :] for side in (early, late)))
    two_fields = 2 * time(early, late) / (time(*near) * time(*far))
    unit = weight * _blocks(change(*near) * _without_flicker(change(*far), fields[at], weight)) * two_fields
    if not _certain(unit):
        return UNKNOWN
    total = float(unit.sum())
    share, rest = float(part.sum()) / total, float(whole.sum()) / total
    error = max(_deviation(part - share * unit, unit), _deviation(whole - rest * unit, unit))
    return Phase(rest / 2 + share, rest / 2 - share, error)


def _without_flicker(change: Tensor, picture: Tensor, weight: Tensor) -> Tensor:
    """What of a change is none of the whole picture's brightness and contrast."""
    of_it = torch.ones_like(picture), picture - picture.mean()
    alike, part = (
        torch.stack([torch.stack([(weight * _blocks(a * b)).sum() for b in of]) for a in of_it]) for of in (of_it, [change])
    )
    share = torch.linalg.lstsq(alike, part).solution[:, 0]
    return change - share[0] * of_it[0] - share[1] * of_it[1]


def _certain(votes: Tensor) -> bool:
    return abs(float(votes.sum())) > CERTAIN * _spread(votes)


def _deviation(off: Tensor, votes: Tensor) -> float:
    """Standard deviation of the part of these votes' sum that blocks are `off` from. The blocks of a row may err together: level edges cross a line all
    along. Neighbours do as well, and all where little changes."""
    deviation = DEPENDENT * max(_spread(off), _spread(off.sum(1))) / abs(float(votes.sum()))
    return deviation * (1 + deviation / LITTLE)


def _spread(votes: Tensor) -> float:
    return float(votes.square().sum().sqrt())


def _blocks(samples: Tensor) -> Tensor:
    return avg_pool2d(samples[None], (min(BLOCK, samples.shape[0]), min(BLOCK, samples.shape[1])))[0]
