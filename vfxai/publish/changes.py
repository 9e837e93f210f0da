"""How much a delivery differs from its plate."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfxai.image.frame import Frame
from vfxai.measure.change import ChangeMeter, ShotChange, at_size
from vfxai.noise.measure import measure_profile
from vfxai.publish.delivery import Delivery

Pixels = NDArray[np.float32]
Saw = Callable[[int, Pixels, Pixels, NDArray[np.float32]], None]
NOISE_FRAMES = 4
"""Frames that the noise of the plate is measured on, spread over the shot."""


def measure(delivery: Delivery, saw: Saw = lambda number, plate, result, moved: None) -> ShotChange:
    """What was changed, frame by frame against the plate; `saw` is called with each frame and the map of its change.

    The result is brought to the plate's size where a node changed it.
    """
    pairs = list(delivery.pairs())
    some = [delivery.read(plate).color for _, _, plate in spread(pairs, NOISE_FRAMES)]
    meter = ChangeMeter(measure_profile(some))
    for number, path, source in pairs:
        result, plate = delivery.read(path), delivery.read(source)
        before, after = _pixels(plate), _pixels(result)
        height, width = before.shape[:2]
        after = at_size(after, height, width)
        if after.shape[-1] != before.shape[-1]:  # gray to colour or back
            before, after = (np.broadcast_to(p, (height, width, 3)).astype(np.float32) for p in (before, after))
        invented = _invented(result, delivery.view)
        moved = meter.add(
            number,
            before,
            after,
            None if invented is None else at_size(invented, height, width)[..., 0],
            _alpha_changed(plate, result),
        )
        saw(number, before, after, moved)
    return meter.shot()


def _pixels(frame: Frame) -> Pixels:
    """(H, W, C) as stored."""
    return np.ascontiguousarray(frame.color.numpy().transpose(1, 2, 0))


def _alpha_changed(plate: Frame, result: Frame) -> float | None:
    """Share of the samples of alpha that were numbers and differ, as what was none is repaired; None where there is none, or the size is another."""
    if plate.alpha is None or result.alpha is None or plate.alpha.shape != result.alpha.shape:
        return None
    return float((plate.alpha.isfinite() & (plate.alpha != result.alpha)).float().mean())


def _invented(frame: Frame, view: str) -> Pixels | None:
    """(H, W, 1) of the channel NODE.invented that says which pixels no frame showed, that of the view first; None where there is none."""
    names = [name for name in (frame.stored.besides() if frame.stored else ()) if name.endswith(".invented")]
    for name in sorted(names, key=lambda name: view not in name.split(".")):
        if (plane := frame.channel(name)) is not None:
            return np.asarray(plane.numpy().transpose(1, 2, 0), np.float32)
    return None


def spread(items: Sequence[Any], count: int) -> list[Any]:
    """At most `count` of them, evenly from the first to the last."""
    return [items[i] for i in np.linspace(0, len(items) - 1, min(len(items), count)).round().astype(int)]
