"""Which frames are most worth painting."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

SIDE = 48
"""Of the thumbnails whose change from frame to frame is summed."""
A_FRAME = 1e-3
"""Change that a frame counts for in which nothing moves, so that keys spread evenly over a still shot."""
UNPAINTED = 1.0
"""What a frame costs beyond its scene's own change where the scene has no key: more than any change within one."""


def thumbnail(guide: Tensor) -> Tensor:
    """(1, SIDE, SIDE) of a luminance (1, H, W)."""
    return adaptive_avg_pool2d(guide[None], (SIDE, SIDE))[0]


def change(before: Tensor, after: Tensor) -> float:
    """How much a thumbnail (1, SIDE, SIDE) differs from the one before: the mean difference in display-like values, and A_FRAME."""
    return float((after - before).abs().mean()) + A_FRAME


def scenes_of(frames: Sequence[int], cuts: Sequence[int]) -> list[tuple[int, ...]]:
    """The frames of each scene; `cuts` are the first frames of all but the first."""
    bounds = [frames[0], *cuts, frames[-1] + 1]
    return [tuple(f for f in frames if a <= f < b) for a, b in pairwise(bounds)]


def suggest(scenes: Sequence[Sequence[int]], changes: dict[int, float], keys: Iterable[int], count: int) -> tuple[int, ...]:
    """The frames whose painting brings all frames nearest to a painted one, the best first.

    Near is measured by what changes on the way between two frames of a scene, which wears down the colours that motion carries; `changes` has
    for every frame the change() from the one before.
    """
    painted, found = set(keys), []
    tables = [_way(scene, changes) for scene in scenes]
    for _ in range(count):
        best = max((_gain(scene, table, painted) for scene, table in zip(scenes, tables, strict=True)), default=(0.0, 0))
        if best[0] <= 0:
            break
        found.append(best[1])
        painted.add(best[1])
    return tuple(found)


def _way(scene: Sequence[int], changes: dict[int, float]) -> np.ndarray:
    """(frames,) of how far each frame is along the scene."""
    return np.cumsum([0.0, *(changes[number] for number in scene[1:])])


def _gain(scene: Sequence[int], way: np.ndarray, painted: set[int]) -> tuple[float, int]:
    """By how much the best new key of a scene lessens its cost, and its number; of equal ones the middle of the scene comes first."""
    known = [way[i] for i, number in enumerate(scene) if number in painted]
    cost = np.abs(way[:, None] - np.asarray(known)[None]).min(1) if known else np.full(len(way), way[-1] + UNPAINTED)
    gains = np.array([np.maximum(cost - np.abs(way - at), 0).sum() for at in way])
    best = int(gains.argmax())
    return (0.0, 0) if scene[best] in painted else (float(gains[best]), scene[best])
