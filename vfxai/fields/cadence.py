"""Finds the structure of a shot's fields: the cheapest explanation of what combs, moves and comes again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from vfxai.fields.closeness import Closeness, closeness, later
from vfxai.fields.combing import FieldPair
from vfxai.fields.costs import COSTS, Costs
from vfxai.fields.explanation import Evidence, explained
from vfxai.fields.structure import FieldStructure, Section

CLEARLY, SOME, ALL = 20, 0.1, 0.85
"""Blocks that comb nearby from which combing tells more: fields between which less than a share of those beside comb are of one time, and those between
which nearly as many comb as anywhere are not, be they closer. Not where fields have slipped() nearby, which hides combing."""
PLAIN = 0.9
"""Confidence from which one kind of evidence for the field order needs no other."""
SINGLE = 0.03
"""Share of the blocks that comb around a frame inside video up to which its own fields are of one time."""
LESS = 0.9
"""And how far apart these are then, as a part of those around."""
COMBED = 4
"""Blocks from which two fields are surely of two times."""
MOVES = 6.0
"""What it costs that all frames of a section are of one time, from which on they surely are not."""


def detect_order(pairs: Sequence[FieldPair]) -> tuple[bool, float, int]:
    """Whether the top field comes first, how sure that is, 0.5 to 1, and how many votes more than for the other order there are.

    Each frame one of whose fields is not between those before and after it in one order has a vote for the other, and else those in which more
    blocks comb.
    """
    votes = []
    for pair in pairs:
        if pair.cut_inside or pair.cut_bottom_top or pair.cut_top_bottom:
            continue
        against_top, against_bottom = (sum(later(p) for p in order) for order in (pair.top_first, pair.bottom_first))
        more = pair.top_bottom - pair.bottom_top
        if against_top != against_bottom:
            votes.append(against_bottom > against_top)
        elif abs(more) >= COMBED:
            votes.append(more > 0)
    for_top = sum(votes)
    most = max(for_top, len(votes) - for_top)
    return 2 * for_top >= len(votes), (most + 1) / (len(votes) + 2), 2 * most - len(votes)


def detect(
    pairs: Sequence[FieldPair], frames: tuple[int, ...], top_first: bool | None = None, film: bool = False, costs: Costs = COSTS
) -> FieldStructure:
    """The cheapest explanation of all fields: pictures of two or three fields that do not comb, in a cadence that goes on.

    Without `top_first` the order is that in which the cadence is plain, else the one that motion tells. `film` says that the shot is film
    as far as the pictures do not contradict it.
    """
    if top_first is not None:
        return _detected(pairs, frames, top_first, 1.0, film, costs)[0]
    order, confidence, lead = detect_order(pairs)
    if confidence >= PLAIN:
        return _detected(pairs, frames, order, confidence, film, costs)[0]
    found, cost = _detected(pairs, frames, order, confidence, film, costs)
    other, cost_of_other = _detected(pairs, frames, not order, confidence, film, costs)
    dearer = cost - cost_of_other - costs.vote * lead
    sure = float(1 / (1 + np.exp(-abs(dearer))))
    if sure > max(confidence, PLAIN):
        return replace(other if dearer > 0 else found, confidence=sure)
    return found


def _detected(
    pairs: Sequence[FieldPair], frames: tuple[int, ...], top_first: bool, confidence: float, film: bool, costs: Costs
) -> tuple[FieldStructure, float]:
    """The structure in a field order, and its cost."""
    count = 2 * len(frames)
    combed, apart, moved = np.zeros((3, count))  # [k]: fields k and k + 1 woven, the same; field k and k + 2
    cuts = set()
    for j, pair in enumerate(pairs):
        combed[2 * j : 2 * j + 2] = pair.inner, pair.bottom_top if top_first else pair.top_bottom
        apart[2 * j : 2 * j + 2] = pair.apart[0], pair.apart[1 if top_first else 2]
        first, second = (pair.top_moved, pair.bottom_moved) if top_first else (pair.bottom_moved, pair.top_moved)
        moved[2 * j : 2 * j + 2] = first, second
        cuts |= {2 * j + 1} if pair.cut_inside else set()
        cuts |= {2 * j + 2} if (pair.cut_bottom_top if top_first else pair.cut_top_bottom) and j + 1 < len(frames) else set()
    cuts |= {2 * j for j in range(1, len(frames)) if frames[j] != frames[j - 1] + 1}
    scene = np.cumsum([k in cuts for k in range(count)])  # [k]: number of the scene of field k
    most = _near_most(combed, scene)
    woven = np.log1p((combed - costs.by_chance - costs.chance * most).clip(0))
    again, tells = _again(moved, np.repeat([pair.hidden for pair in pairs], 2), scene)
    close = closeness(pairs, top_first, scene)
    slipped = np.array([pair.slipped[:2] if top_first else pair.slipped[::2] for pair in pairs]).ravel().astype(float)
    clear = (most >= CLEARLY) & (_near_most(slipped, scene) == 0)
    woven[close.closer & ~(clear & (combed > ALL * most))] = 0  # what combs between fields of one time is fine detail
    beside = np.minimum(np.append(0, combed[:-1]), np.append(combed[1:], 0))
    of_one_time = clear & (combed < SOME * beside)
    woven = (woven + close.same * ~of_one_time) * (costs.stated_film if film else 1)
    sections, cost = explained(Evidence(woven, close, _repeats(again, tells), frozenset(cuts)), costs)
    found = FieldStructure(top_first, confidence, frames, sections, frozenset(cuts))
    moves = ~(clear | close.closer) | ((close.same > close.video) & ~of_one_time)
    single = _with_single_frames(found, combed, apart, moves)
    return _with_stills(single, combed, close), cost + costs.cut * len(cuts)


def _near_most(combed: np.ndarray[Any, Any], scene: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The largest count within four fields, in the same scene."""
    within = combed.copy()
    within[:-1][scene[1:] != scene[:-1]] = 0
    near = [slice(max(0, k - 4), k + 5) for k in range(len(combed))]
    return np.array([within[n][scene[n] == scene[k]].max() for k, n in enumerate(near)])


def _again(
    moved: np.ndarray[Any, Any], hidden: np.ndarray[Any, Any], scene: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """For each field whether it comes again two fields later, and whether enough moves around it to tell, beyond what noise hides."""
    last = len(moved) - 2
    within = np.where(scene[2:] == scene[:-2], scene[2:], -1)
    near = np.zeros(len(moved))
    for k in range(last):
        around = slice(max(0, k - 5), min(k + 6, last))
        same = moved[around][within[around] == scene[k]]
        near[k] = np.median(same) if len(same) else 0
    again = moved < 0.2 * near
    return again, near >= np.maximum(2e-4, hidden)


def _repeats(again: np.ndarray[Any, Any], tells: np.ndarray[Any, Any]) -> list[bool | None]:
    """For each field whether a picture of three fields begins with it. None where nothing tells, and where both fields of a frame come again: that is a
    frame held, not film."""
    beside = np.concatenate([[False], again, [False]])
    held = again & (beside[:-2] | beside[2:])
    return [bool(a) if t else None for a, t in zip(again, tells & ~held, strict=True)]


def _with_single_frames(
    found: FieldStructure, combed: np.ndarray[Any, Any], apart: np.ndarray[Any, Any], moves: np.ndarray[Any, Any]
) -> FieldStructure:
    """Frames inside video whose own fields weave and are less apart, while those around comb: progressive, however short the run. Not where a frame
    may move as well (`moves`, bool, by field)."""
    marks: dict[int, tuple[int, ...]] = {s.start: s.cadence for s in found.sections}
    video = {f for f, n in found.pictures if n == 1}
    for j in range(len(found.frames)):
        k = 2 * j
        around = [i for i in (k - 1, k + 1) if 0 <= i < len(combed) - 1]
        if k not in video or k + 1 not in video or k + 1 in found.cuts or not around:
            continue
        least = min(combed[around])
        if moves[k] or combed[k] > SINGLE * least or least < COMBED or apart[k] > LESS * min(apart[around]):
            continue
        marks[k] = (2,)
        if k + 2 < len(combed) and k + 2 not in marks:
            marks[k + 2] = (1,)
    sections: list[Section] = []
    for start in sorted(marks):
        last = sections[-1] if sections else None
        goes_on = last and last.cadence == marks[start] and (start - last.start) % sum(last.cadence) == 0
        if not goes_on:
            sections.append(Section(start, marks[start]))
    return replace(found, sections=tuple(sections))


def _with_stills(found: FieldStructure, combed: np.ndarray[Any, Any], close: Closeness) -> FieldStructure:
    """Sections of whole frames between which nothing combs either, and nothing is surely of another time, are called still."""
    sections = []
    for section, end in found.spans:
        across = [k for k in range(section.start + 1, end - 1, 2) if k + 1 not in found.cuts]
        frames = section.cadence == (2,) and section.start % 2 == 0 and end - section.start > 2
        moves = any(combed[across] >= COMBED) or float(close.same[across].sum()) > MOVES
        sections.append(replace(section, still=frames and not moves))
    return replace(found, sections=tuple(sections))
