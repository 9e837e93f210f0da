"""curve.png of a run: the loss and every score against the step, drawn with OpenCV because training machines have little else."""

import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, MARGIN = 900, 260, 56
INK, PALE = (40, 40, 40), (215, 215, 215)
COLORS = ((200, 90, 20), (30, 120, 220), (60, 160, 60), (170, 60, 170), (40, 40, 200), (150, 150, 30))
"""Blue, green, red of the lines."""
Panel = NDArray[np.uint8]


def _columns(path: Path) -> dict[str, NDArray[np.float64]]:
    if not path.exists():
        return {}
    with open(path, newline="") as stream:
        rows = list(csv.reader(stream))
    values = np.array([[float(v) for v in row] for row in rows[1:]])
    return {name: values[:, i] for i, name in enumerate(rows[0])} if len(values) else {}


def panel(title: str, steps: NDArray[np.float64], lines: dict[str, NDArray[np.float64]]) -> Panel:
    """(HEIGHT, WIDTH, 3) with one line a column, its range at the left and its name at the right."""
    canvas = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    every = np.concatenate(list(lines.values()))
    low, high = float(every.min()), float(every.max())
    high = high if high > low else low + 1e-6
    last = max(float(steps.max()), 1.0)
    x = MARGIN + (WIDTH - 2.6 * MARGIN) * steps / last
    for share in (0.0, 0.5, 1.0):
        y = round(HEIGHT - 36 - share * (HEIGHT - 72))
        cv2.line(canvas, (MARGIN, y), (round(WIDTH - 1.6 * MARGIN), y), PALE, 1)
        _write(canvas, f"{low + share * (high - low):.4g}", (2, y + 4))
    for index, (name, values) in enumerate(lines.items()):
        down = HEIGHT - 36 - (HEIGHT - 72) * (values - low) / (high - low)
        points = np.stack([x, down], 1).round().astype(np.int32)
        color = COLORS[index % len(COLORS)]
        cv2.polylines(canvas, [points], False, color, 1, cv2.LINE_AA)
        _write(canvas, name, (int(points[-1][0]) + 4, int(points[-1][1]) + 4), color)
    _write(canvas, title, (MARGIN, 20))
    _write(canvas, f"step {last:.0f}", (round(WIDTH - 2.6 * MARGIN), HEIGHT - 12))
    return canvas


def _write(canvas: Panel, text: str, at: tuple[int, int], color: tuple[int, int, int] = INK) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.4, color, 1, cv2.LINE_AA)


def draw_curves(folder: Path) -> None:
    """Writes curve.png from curve.csv and scores.csv of a run folder, as far as they are there."""
    loss, scores = _columns(folder / "curve.csv"), _columns(folder / "scores.csv")
    panels = []
    if loss:
        panels.append(panel("log10 of the loss", loss["step"], {"loss": np.log10(np.maximum(loss["loss"], 1e-12))}))
    if scores:
        steps = scores.pop("step")
        panels.append(panel("PSNR in dB on held-out pictures", steps, scores))
    if panels:
        cv2.imwrite(str(folder / "curve.png"), np.concatenate(panels))
