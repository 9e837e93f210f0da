"""Field order and cadence: what deinterlace finds by itself in pans whose structure is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import cv2
import numpy as np
import torch

from vfxai.bench.asked import Asked
from vfxai.bench.interlace import panned, telecined
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, Pixels
from vfxai.bench.table import Result
from vfxai.fields.cadence import detect
from vfxai.fields.combing import Comparison, FieldPair
from vfxai.fields.costs import COSTS, Costs
from vfxai.fields.structure import FieldStructure

STRUCTURES: dict[str, tuple[tuple[int, ...], int]] = {
    "video": ((1,), 0),
    "progressive": ((2,), 0),
    "2:2 shifted": ((2,), 1),
    "2:3": ((2, 3), 0),
    "2:3:3:2": ((2, 3, 3, 2), 0),
    "still": ((2,), 0),
}
"""Fields of one picture after the other, and how many of the first are missing."""
NO_ORDER = ("still", "progressive")
"""Whose fields have no order."""
CUT = ", cut"
MOVES: tuple[tuple[float, float], ...] = ((0.5, 0), (0, 0.5), (1, 0), (0, 1), (2, 0.7), (0, 2), (5, 0), (-3, -3), (12, 2))
"""Pixels to the right and down that the camera moves in two fields."""
LEVELS = (0.0, 0.01, 0.04)
"""Standard deviations of noise; white is 1."""
NOISES = ("soft", "growing")
"""Other kinds of noise than white noise of one level: of grains 0.8 pixels in radius, and with a variance that grows with the level."""
UNDER_NOISES, MIDDLE = ("video", "2:3", "still"), 0.02
"""Structures shown under these, and their standard deviation."""
OVERLAYS = ("bars", "logo", "crawl")
"""What lies over the pictures: black bars above and below, lettering that stands still, and lettering that moves while the picture stands still."""
UNDER_OVERLAYS, FAINT = ("video", "progressive", "2:2 shifted", "2:3"), 0.01
"""Structures shown under these, and the standard deviation of noise."""
CRAWL = 4
"""Pixels to the left that lettering moves in two fields."""
FRAMES, SIZE = 16, (480, 384)


@dataclass(frozen=True)
class Shot:
    """A shot whose fields are known."""

    name: str
    """Of the still."""
    kind: str
    """Its structure, noise and overlay, in words."""
    level: float
    """Standard deviation of its noise."""
    pairs: Sequence[FieldPair]
    """What its fields have in common."""
    top_first: bool
    lengths: Sequence[int]
    """Fields of each picture."""
    ordered: bool
    """Whether its fields have an order at all."""

    def found(self, costs: Costs = COSTS) -> FieldStructure:
        """What deinterlace finds in it."""
        return detect(self.pairs, tuple(range(1, len(self.pairs) + 1)), costs=costs)

    def order_right(self, found: FieldStructure) -> bool:
        """Whether the order of its fields is found."""
        return found.top_first == self.top_first or not self.ordered

    def all_right(self, found: FieldStructure) -> bool:
        """Whether its order and every picture's fields are found."""
        return self.order_right(found) and [n for _, n in found.pictures] == list(self.lengths)


def shots(stills: Sequence[Picture]) -> Iterator[Shot]:
    """A shot of each still under each structure and noise, and under overlays."""
    height, width = (min(s.pixels.shape[axis] for s in stills) for axis in (0, 1))
    size = min(SIZE[0], width - 24), min(SIZE[1], height - 12)  # panned() wants some more than it gives
    cases = [(name, cut, "", level, "") for name in STRUCTURES for cut in (False, True) for level in LEVELS]
    cases += [(name, False, kind, MIDDLE, "") for name in UNDER_NOISES for kind in NOISES]
    cases += [(name, False, "", FAINT, overlay) for name in UNDER_OVERLAYS for overlay in OVERLAYS]
    for turn, (name, cut, kind, level, overlay) in enumerate(cases):
        words = name + (CUT if cut else "") + (f", {kind} noise" if kind else "") + (f", {overlay}" if overlay else "")
        for index, still in enumerate(stills):
            top_first = (turn + index) % 2 == 0
            move = (0.0, 0.0) if name == "still" or overlay == "crawl" else MOVES[(3 * index + turn) % len(MOVES)]
            shown = [still.pixels, stills[(index + 1) % len(stills)].pixels] if cut else [still.pixels]
            frames, true = _shot(shown, name, top_first, move, size, overlay)
            pairs = _pairs(frames, level, kind, seed=turn * len(stills) + index)
            yield Shot(still.name, words, level, pairs, top_first, true, name not in NO_ORDER)


def run(stills: Sequence[Picture], *, say: Say) -> Result:
    """A row for each structure and noise: in how many shots the order of the fields and every picture's fields are found."""
    counts: dict[tuple[str, float], list[int]] = {}
    height, width = (min(s.pixels.shape[axis] for s in stills) for axis in (0, 1))
    for shot in shots(stills):
        found = shot.found()
        count = counts.setdefault((shot.kind, shot.level), [0, 0, 0])
        right = (True, shot.order_right(found), shot.all_right(found))
        count[:] = (c + r for c, r in zip(count, right, strict=True))
        if not right[2]:
            say(f"{shot.name}: {shot.kind}, noise {shot.level:g}, taken for {found.to_dict()}")
    rows = [
        {"shots": kind, "noise": level, "count": count, "order found": ordered, "all found": whole}
        for (kind, level), (count, ordered, whole) in counts.items()
    ]
    notes = (
        f"Pans over stills, {min(SIZE[0], width - 24)}x{min(SIZE[1], height - 12)}, {FRAMES} frames, by {', '.join(f'{x:g} and {y:g}' for x, y in MOVES)} pixels across and down in two "
        "fields, in turn; both field orders in turn; 8 bits; noise is Gaussian, white is 1. Cut: another still from the middle on. Still: nothing moves.",
        "Soft noise has grains of 0.8 pixels in radius; the variance of growing noise rises with the level and is as given at half of white.",
        f"Bars cover an eighth of the height above and below; a logo stands still; a crawl moves by {CRAWL} pixels in two fields, and nothing else does.",
        "All found: the order, the cut, and which fields are of one picture, for every field of the shot; told nothing.",
    )
    columns = {"shots": 0, "noise": 2, "count": 0, "order found": 0, "all found": 0}
    return Result("fields", "Field order and cadence", columns, rows, notes)


def _shot(
    stills: Sequence[Pixels], name: str, top_first: bool, move: tuple[float, float], size: tuple[int, int], overlay: str
) -> tuple[list[Pixels], list[int]]:
    """The frames, the second still from the middle on, and how many fields each picture has in them."""
    cadence, missing = STRUCTURES[name]
    step = (move[0] / 2, move[1] / 2) if cadence == (1,) else move
    count = 2 * FRAMES + missing
    first, *others = (panned(still, count, step, size) for still in stills)
    fields = list(islice(cycle(cadence), count))
    before = int(np.searchsorted(np.cumsum(fields), count // 2))
    pictures = [*first[:before], *others[0]] if others else first
    crawled = CRAWL / 2 if cadence == (1,) else CRAWL
    pictures = (
        [_under(picture, overlay, int(number * crawled)) for number, picture in enumerate(pictures)] if overlay else pictures
    )
    frames = telecined(pictures, cadence, top_first, missing)[:FRAMES]
    true, left = [], 2 * FRAMES
    for number, length in enumerate(fields):
        true.append(min(length - (missing if number == 0 else 0), left))
        left -= true[-1]
    return frames, [n for n in true if n]


def _under(picture: Pixels, overlay: str, left: int) -> Pixels:
    """The picture under an overlay, whose lettering is so many pixels further to the left if it moves."""
    shown, (height, width) = picture.copy(), picture.shape[:2]
    if overlay == "bars":
        bar = height // 8
        shown[:bar], shown[height - bar :] = 0.02, 0.02
    elif overlay == "logo":
        cv2.putText(shown, "LIVE", (width * 3 // 4, height // 5), cv2.FONT_HERSHEY_DUPLEX, 1.0, (0.9, 0.9, 0.9), 2, cv2.LINE_AA)
    else:
        line = height * 7 // 8
        shown[line - 28 : line + 12] = 0.1
        for start in range(-left % 240 - 240, width, 240):
            cv2.putText(shown, "News in brief ", (start, line), cv2.FONT_HERSHEY_DUPLEX, 0.9, (0.9, 0.9, 0.9), 1, cv2.LINE_AA)
    return shown


def _pairs(frames: Sequence[Pixels], level: float, kind: str, seed: int) -> list[FieldPair]:
    comparison, rng = Comparison(), np.random.default_rng(seed)
    for frame in frames:
        noise = rng.standard_normal(frame.shape, dtype=np.float32)
        if kind == "soft":
            noise[0::2], noise[1::2] = (_soft(noise[start::2]) for start in (0, 1))  # fields are scanned one after the other
        if kind == "growing":
            noise *= np.sqrt(2 * frame.clip(0, 1))
        stored = np.round((frame + np.float32(level) * noise).clip(0, 1) * 255) / np.float32(255)
        comparison.add(torch.from_numpy(np.ascontiguousarray(stored.transpose(2, 0, 1))))
    return comparison.pairs()


def _soft(noise: Pixels) -> Pixels:
    """Noise of one field, whose lines are two apart, with soft grains."""
    soft = cv2.GaussianBlur(noise, (0, 0), 0.8, sigmaY=0.4)
    return np.asarray(soft / soft.std(), np.float32)


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.whole_stills(), say=asked.say)
