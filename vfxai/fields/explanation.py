"""The cheapest explanation of all fields of a shot: pictures of one, two or three fields, in a cadence that goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfxai.fields.closeness import Closeness
from vfxai.fields.costs import Costs
from vfxai.fields.structure import CADENCES, Section


@dataclass(frozen=True)
class Evidence:
    """What is known of the fields of a shot, in one field order; arrays have an entry for each field."""

    woven: NDArray[np.float64]
    """Nats that it costs to say that a field and the next are of one picture."""
    close: Closeness
    repeats: Sequence[bool | None]
    """Whether a picture of three fields begins with it; None where nothing tells."""
    cuts: frozenset[int]
    """Fields before which the scene changes."""


def explained(seen: Evidence, costs: Costs) -> tuple[tuple[Section, ...], float]:
    """The cheapest sections, and what they cost in nats, by Viterbi's algorithm over (field, cadence, turn)."""
    count = len(seen.woven)
    names = list(CADENCES)
    states = [(name, turn) for name in names for turn in range(len(CADENCES[name]))]
    best: list[dict[tuple[str, int], tuple[float, Any]]] = [{} for _ in range(count + 1)]
    longer = {name: costs.longer * len(CADENCES[name]) for name in names}
    best[0] = {(name, turn): (longer[name], None) for name, turn in states}

    def offer(at: int, state: tuple[str, int], cost: float, origin: Any) -> None:
        if state not in best[at] or cost < best[at][state][0]:
            best[at][state] = (cost, origin)

    for at in range(count):
        price = costs.switch_at_cut if at in seen.cuts else costs.switch
        cheapest = min(best[at], key=lambda s: best[at][s][0], default=None)
        if cheapest is None:
            continue
        for state in states:
            offer(at, state, best[at][cheapest][0] + price + longer[state[0]], ("switch", at, cheapest))
        for (name, turn), (cost, _) in list(best[at].items()):
            cycle = CADENCES[name]
            after = (name, (turn + 1) % len(cycle))
            length = cycle[turn]
            for taken in range(1, length + 1):
                end = at + taken
                # A picture may be cut short by either end of the shot, and where a cut or a splice comes too early.
                if end > count or (taken < length and at > 0 and end < count and end not in seen.cuts):
                    continue
                begun = costs.begun if at == 0 and taken < length else 0.0
                paid = cost + begun + _picture_cost(at, taken, name, seen, costs)
                offer(end, after, paid, ("picture", at, (name, turn)))
    return _sections(best, count), min(cost for cost, _ in best[count].values())


def _picture_cost(at: int, length: int, name: str, seen: Evidence, costs: Costs) -> float:
    cost = costs.across_cut * sum(k in seen.cuts for k in range(at + 1, at + length))
    if name == "video":
        own = costs.video_told if seen.close.told[at] else costs.video
        return cost + own + float(seen.close.video[at]) + (costs.repeated if seen.repeats[at] else 0.0)
    cost += float(seen.close.film[at + length - 1])
    if length == 3 and seen.repeats[at]:
        return cost  # what lies between a field and its repeat is of their time, however its detail combs
    cost += float(seen.woven[at : at + length - 1].sum())
    if length == 3:
        return cost + (costs.unrepeated if seen.repeats[at] is False else costs.untold)
    return cost + (0.5 * costs.unrepeated * sum(seen.repeats[k] is True for k in range(at, at + length)))


def _sections(best: list[dict[tuple[str, int], tuple[float, Any]]], count: int) -> tuple[Section, ...]:
    """Back from the cheapest end."""
    at, state = count, min(best[count], key=lambda s: best[count][s][0])
    pictures: list[tuple[int, int, str, int]] = []
    while best[at][state][1] is not None:
        kind, origin, before = best[at][state][1]
        if kind == "picture":
            pictures.append((origin, at - origin, *before))
        at, state = origin, before
    sections: list[Section] = []
    previous: tuple[str, int] | None = None
    for start, length, name, turn in reversed(pictures):
        cycle = CADENCES[name]
        goes_on = previous == (name, turn)
        short = length < cycle[turn]
        if not goes_on:
            sections.append(Section(start, (length,) if short else (*cycle[turn:], *cycle[:turn])))
        previous = None if short else (name, (turn + 1) % len(cycle))
    return tuple(sections)
