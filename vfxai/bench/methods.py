"""Runs several methods on the same degraded pictures and averages their scores: the loop that all quality benches share."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfxai.bench.pictures import Picture

Pixels = NDArray[np.float32]
Method = Callable[[Pixels], Pixels]
Score = Callable[[Pixels, Pixels], float]
Ours = Callable[..., list[Pixels]]
"""As product.denoise_pictures, which the benches use; tests give a fast one."""
Say = Callable[[str], None]

SECONDS = "s a picture"
OURS, BEST = "vfxai, blind", "vfxai, blind, quality best"


def measure(
    condition: str,
    pictures: Sequence[Picture],
    degrade: Callable[[Picture], Pixels],
    methods: Mapping[str, Method],
    scores: Mapping[str, Score],
    say: Say,
) -> list[dict[str, Any]]:
    """One row a method: the mean of each score over the pictures, and the mean time; first the degraded picture itself.

    Every method gets the same degraded picture, and they take turns picture by picture, so that a busy machine slows all alike.
    """
    every: dict[str, Method] = {"as degraded": lambda degraded: degraded, **methods}
    sums = {name: dict.fromkeys([*scores, SECONDS], 0.0) for name in every}
    for index, picture in enumerate(pictures):
        degraded = degrade(picture)
        told = []
        for name, method in every.items():
            start = time.perf_counter()
            result = method(degraded)
            sums[name][SECONDS] += time.perf_counter() - start
            values = {key: score(result, picture.pixels) for key, score in scores.items()}
            for key, value in values.items():
                sums[name][key] += value
            told.append(f"{name} {next(iter(values.values())):.2f}")
        say(f"{condition}, {picture.name} ({index + 1} of {len(pictures)}): " + ", ".join(told))
    return [
        {"condition": condition, "method": name} | {k: v / len(pictures) for k, v in total.items()}
        for name, total in sums.items()
    ]


def lead_over(rows: Sequence[Mapping[str, Any]], score: str, peer: str) -> str:
    """A sentence with the lead of ours over a peer, condition by condition; "" where the peer was not run."""
    by = {(r["condition"], r["method"]): r[score] for r in rows}
    leads = [f"{by[c, OURS] - by[c, m]:+.2f} ({c})" for c, m in by if m == peer and (c, OURS) in by]
    return f"{score}, vfxai less {peer}: {', '.join(leads)}." if leads else ""
