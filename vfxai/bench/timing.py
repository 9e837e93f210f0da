"""Times candidates in turn, so that a busy machine slows all alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median

from vfxai.bench.methods import Say


def in_turn(candidates: Mapping[str, Callable[[int], object]], rounds: int, say: Say) -> dict[str, list[float]]:
    """Seconds of each candidate in `rounds` turns, after one that does not count; each is called with the number of the turn."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(rounds + 1):
        for name, candidate in candidates.items():
            start = time.perf_counter()
            candidate(turn)
            took = time.perf_counter() - start
            if turn:  # the first loads code, weights and file caches
                seconds[name].append(took)
            say(f"turn {turn}, {name}: {took:.3f} s")
    return seconds


def typical(seconds: Mapping[str, list[float]]) -> dict[str, float]:
    """Median of each candidate."""
    return {name: median(every) for name, every in seconds.items()}
