"""How far each cost of field detection may be changed before a shot is found that is worse: the ranges in vfxai/fields/costs.py."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from vfxai.bench.asked import Asked
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture
from vfxai.bench.quality_fields import Shot, shots
from vfxai.bench.table import Result
from vfxai.fields.costs import COSTS, Costs, item

FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.33, 2.0, 4.0)
"""Of a cost, all others as they are."""


def run(stills: Sequence[Picture], *, say: Say) -> Result:
    """A row for each cost: its value, and the least and largest of FACTORS times it up to which no shot is lost."""
    shown = list(shots(stills))
    known = [shot for shot in shown if shot.all_right(shot.found())]
    say(f"{len(known)} of {len(shown)} shots are found with the costs as they are")
    rows: list[dict[str, Any]] = []
    for name in (f.name for f in fields(Costs)):
        value = getattr(COSTS, name)
        low, high = value * _last(name, value, known, FACTORS[3::-1]), value * _last(name, value, known, FACTORS[5:])
        rows.append({"cost": name.replace("_", " "), "unit": item(name).unit, "value": value, "from": low, "to": high})
        say(f"{name}: {low:g} to {high:g}")
    notes = (
        f"The shots of the table of field order and cadence; {len(known)} of {len(shown)} are found whole, and are found as well with each cost "
        f"from and to the value given, all others as they are. Tried: {', '.join(f'{f:g}' for f in FACTORS)} times the value.",
    )
    return Result("costs", "Costs of field detection", {"cost": 0, "unit": 0, "value": 2, "from": 2, "to": 2}, rows, notes)


def _last(name: str, value: float, known: Sequence[Shot], factors: Sequence[float]) -> float:
    """The last of these factors, each farther from 1, with which every shot is found."""
    kept = 1.0
    for factor in factors:
        costs = replace(COSTS, **{name: factor * value})
        if not all(shot.all_right(shot.found(costs)) for shot in known):
            break
        kept = factor
    return kept


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.whole_stills(), say=asked.say)
