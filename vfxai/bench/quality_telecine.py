"""Inverse telecine: film of two scenes, spread over fields and given back."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from vfxai.bench.asked import Asked
from vfxai.bench.interlace import telecined
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture
from vfxai.bench.product import through
from vfxai.bench.table import Result
from vfxai.nodes.deinterlace import Deinterlace

CADENCES: dict[str, tuple[int, ...]] = {"2:3": (2, 3), "2:3:3:2": (2, 3, 3, 2), "2:2 shifted": (2,)}
"""Fields of one picture after the other, by the label of the row."""


def run(clips: Mapping[str, Sequence[Picture]], *, say: Say) -> Result:
    """Film of two scenes with a cut at every place of the cycle, spread over fields and given back: frames found, frames exact."""
    rows: list[dict[str, Any]] = []
    scenes = [[f.pixels for f in frames] for frames in clips.values()]
    height, width = (min(s[0].shape[axis] for s in scenes) // 2 * 2 for axis in (0, 1))
    scenes = [[np.ascontiguousarray(f[:height, :width]) for f in s] for s in scenes]
    for label, cadence in CADENCES.items():
        for top_first in (True, False):
            expected = whole = found = exact = 0
            for start in range(5):
                for one, other in zip(scenes, [*scenes[1:], scenes[0]], strict=True):
                    film = [*one[: 8 + start], *other[:10]]
                    offset = 1 if "shifted" in label else 0
                    made = through(Deinterlace(), telecined(film, cadence, top_first, offset))
                    counts = [n for _, n in zip(film, cycle(cadence), strict=False)]
                    total = (sum(counts) - offset) // 2 * 2 + offset  # an odd last field is not there
                    shown = [min(n, total - sum(counts[:i])) - (offset if i == 0 else 0) for i, n in enumerate(counts)]
                    expected += sum(n > 0 for n in shown)
                    whole += sum(n > 1 for n in shown)
                    found += len(made)
                    exact += sum(any(np.array_equal(m, f) for m in made) for f, n in zip(film, shown, strict=True) if n > 1)
            order = "top" if top_first else "bottom"
            rows.append(
                {"cadence": label, "field order": order, "film frames": expected, "frames out": found}
                | {"with both fields": whole, "exact": exact}
            )
            say(f"{label} {order}: {exact} of {whole} exact, {found} of {expected} out")
    notes = (
        "Two scenes with a cut after 8 to 12 frames, which falls on every place of the cycle; nothing told. Exact frames are equal to the bit.",
        "Shifted by a field: of the first and the last film frame one field is left, which is interpolated.",
    )
    columns = {"cadence": 0, "field order": 0, "film frames": 0, "frames out": 0, "with both fields": 0, "exact": 0}
    return Result("telecine", "Inverse telecine", columns, rows, notes)


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.clips(), say=asked.say)
