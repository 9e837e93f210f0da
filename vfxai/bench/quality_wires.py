"""Wires found: precision and recall of the curves against synthetic wires, and what their matte is worth to remove."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vfxai.bench import props
from vfxai.bench.asked import Asked
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, Pixels
from vfxai.bench.product import SPACES, applied
from vfxai.bench.table import Result
from vfxai.nodes.remove import Remove
from vfxai.nodes.wires import Wires
from vfxai.session.clips import FIRST, frame_of

TOLERANCE = 1.5
"""Pixels between a curve and a true line within which it counts as found."""
LEAST = 8
"""Columns in which a wire must be in the picture for a person to point at it."""
WIDTHS = (1.5, 2.5, 4.0)
"""Of the wires, pixels."""
FEW = 16
"""Frames of a clip."""
REMOVED, REMOVED_WIDTH = 1, 2.5
"""Frames in the middle of a clip from which wires of one width are removed with the found and with the true mattes."""
CLICK, ENDS, AUTOMATIC, TRUE = "one click a wire", "both ends of each wire", "automatic", "the true matte"


def run(clips: Mapping[str, Sequence[Picture]], *, removal: bool = True, say: Say) -> Result:
    """Three swaying wires of each width over every clip; the points are given in the middle frame."""
    rows: list[dict[str, Any]] = []
    for index, (name, pictures) in enumerate(clips.items()):
        clip = [p.pixels for p in pictures[:FEW]]
        for width in WIDTHS:
            case, lines = strung(f"{name}, {width:g} px", clip, width, index)
            mattes: dict[str, Sequence[props.Matte]] = {TRUE: case.mattes}
            for how, at in asked(case, lines).items():
                paths, mattes[how] = found(case, at)
                row: dict[str, Any] = {"case": case.name, "told": how} | scores(paths, lines, clip[0].shape)
                rows.append(row)
                say(f"{case.name}: {how}, recall {row['recall %']:.0f} %")
            if removal and width == REMOVED_WIDTH:
                rows.append({"case": case.name, "told": TRUE})
                for row in rows[-4:]:
                    row["PSNR dB"] = removed(case, mattes[row["told"]])
    return Result("wires", "Wires", {"case": 0, "told": 0, "recall %": 1, "precision %": 1, "PSNR dB": 2}, means(rows), NOTES)


NOTES = (
    f"Recall: share of the true lines, over all frames, with a found curve within {TOLERANCE:g} pixels; precision: share of the found curves with a "
    "true line as near. Three swaying wires at a time as in the table of remove, points in the middle frame: the pixel where the wire "
    "is clearest of nine along it, or its two ends at the edges of the picture.",
    f"PSNR: `vfxai remove` with that matte on the middle frame with wires of {REMOVED_WIDTH:g} pixels, of the pixels that the wires truly touch. Wires that cannot be seen "
    "count like the others.",
)


def strung(name: str, clip: Sequence[Pixels], width: float, seed: int) -> tuple[props.Rigged, list[list[props.Line]]]:
    """The clip with three wires of a width, and their middles by frame."""
    case = props.with_wires(name, clip, width, np.random.default_rng(seed))
    return case, props.swaying(clip, np.random.default_rng(seed))


def asked(case: props.Rigged, lines: Sequence[Sequence[props.Line]]) -> dict[str, str]:
    """The node's `at` of each way to point at the wires of the middle frame."""
    middle = len(lines) // 2
    height, across = case.truth[0].shape[:2]
    seen = np.abs(case.plate[middle] - case.truth[middle]).sum(2)
    clicks, ends = [], []
    for line in lines[middle]:
        x = np.arange(across)
        y = np.interp(x, *line.T).round().astype(int)
        inside = np.flatnonzero((y >= 0) & (y < height))
        if len(inside) < LEAST:
            continue
        tried = inside[(np.linspace(0.1, 0.9, 9) * (len(inside) - 1)).astype(int)]
        best = tried[int(np.argmax(seen[y[tried], tried]))]
        clicks.append(f"{best},{y[best]}")
        ends.append(" ".join(f"{i},{y[i]}" for i in (inside[2], inside[-3])))
    return {CLICK: "; ".join(clicks), ENDS: "; ".join(ends), AUTOMATIC: ""}


def found(case: props.Rigged, at: str) -> tuple[list[list[props.Line]], list[props.Matte]]:
    """The curves by frame, and the mattes, that the node makes of a plate."""
    node = Wires(at=at, at_frame=FIRST + len(case.plate) // 2)
    clip = applied(node, [frame_of(p, SPACES["display"]) for p in case.plate])
    wires = clip.session.loaded().wires
    return [[w.path for w in wires.get(n, ())] for n in clip.frames], [clip[n].color[0].numpy() for n in clip.frames]


def distance(lines: Sequence[props.Line], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """(H * 4, W * 4): how many pixels each quarter of a pixel is from the nearest line."""
    canvas = np.full((shape[0] * 4, shape[1] * 4), 255, np.uint8)
    for line in lines:
        cv2.polylines(canvas, [((line + props.MIDDLE) * 4 * props.FINE).round().astype(np.int32)], False, 0, 1, cv2.LINE_8, 4)
    return np.asarray(cv2.distanceTransform(canvas, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / 4, np.float32)


def covered(lines: Sequence[props.Line], by: Sequence[props.Line], shape: tuple[int, ...]) -> tuple[int, int]:
    """How many points along lines, inside the picture, have one of the others within the tolerance, and how many there are."""
    away = distance(by, shape) if by else np.full((shape[0] * 4, shape[1] * 4), np.inf, np.float32)
    near = total = 0
    for line in lines:
        steps = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
        at = np.arange(0, steps[-1], 0.5)
        points = (np.stack([np.interp(at, steps, line[:, i]) for i in range(2)], 1) + props.MIDDLE) * 4
        x, y = points.round().astype(int).T
        inside = (x >= 0) & (y >= 0) & (x < shape[1] * 4) & (y < shape[0] * 4)
        near += int((away[y[inside], x[inside]] <= TOLERANCE).sum())
        total += int(inside.sum())
    return near, total


def scores(
    paths: Sequence[Sequence[props.Line]], lines: Sequence[Sequence[props.Line]], shape: tuple[int, ...]
) -> dict[str, float | None]:
    """Recall and precision over all frames in percent; no precision where nothing was found."""
    recalled = np.sum([covered(true, got, shape) for got, true in zip(paths, lines, strict=True)], 0)
    precise = np.sum([covered(got, true, shape) for got, true in zip(paths, lines, strict=True)], 0)
    return {
        "recall %": 100 * float(recalled[0]) / max(float(recalled[1]), 1.0),
        "precision %": 100 * float(precise[0]) / float(precise[1]) if precise[1] else None,
    }


def removed(case: props.Rigged, mattes: Sequence[props.Matte]) -> float:
    """PSNR in dB of the wires' pixels in the middle frames after remove."""
    count = min(REMOVED, len(case.plate))
    start = (len(case.plate) - count) // 2
    given = [frame_of(m[..., None].repeat(3, 2), "") for m in mattes]
    clip = applied(Remove(), [frame_of(p, SPACES["display"]) for p in case.plate], inputs={"mask": given})
    made = [clip[FIRST + start + i].color.numpy().transpose(1, 2, 0) for i in range(count)]
    few = slice(start, start + count)
    return props.masked_psnr(made, props.Rigged(case.name, case.truth[few], case.plate[few], case.mattes[few]))


def means(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, then their means by width and over all."""
    columns = ("recall %", "precision %", "PSNR dB")
    added: list[dict[str, Any]] = []
    for kind in (*(f"{w:g} px" for w in WIDTHS), ""):
        for told in dict.fromkeys(r["told"] for r in rows):
            chosen = [r for r in rows if r["told"] == told and r["case"].endswith(kind)]
            values = {c: [r[c] for r in chosen if r.get(c) is not None] for c in columns}
            added.append(
                {"case": f"mean of {kind or 'all'}", "told": told} | {c: float(np.mean(v)) for c, v in values.items() if v}
            )
    return rows + added


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.clips(), say=asked.say)
