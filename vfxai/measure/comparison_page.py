"""The report of a comparison: one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vfxai.errors import OutputError, reason
from vfxai.image.partial import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vfxai.measure.compare import FrameMeasure, Total

    Pixels = NDArray[np.float32]

THUMBNAIL_WIDTH = 480
"""Pixels; three stand side by side on a common screen."""
MOST_THUMBNAILS = 8
"""Rows of pictures in one report, spread over the shot, so that a long shot gives a file that a browser opens at once."""
DIFFERENCE_GAIN = 8
"""The difference is shown this many times brighter."""

STYLE = """body{font:14px/1.4 system-ui,sans-serif;margin:24px;background:#1c1c1c;color:#ddd}
table{border-collapse:collapse;margin:16px 0}th,td{padding:3px 12px;text-align:right;border-bottom:1px solid #3a3a3a}
tfoot td{font-weight:bold}figure{display:inline-block;margin:0 8px 16px 0}
figcaption{color:#999}img{max-width:100%;display:block}"""


def shown(pixels: Pixels, *, linear: bool) -> Pixels:
    """(H, W, C) as it is looked at: 0..1, sRGB-encoded where `linear`, three channels. Only for the eye, never measured."""
    color = np.clip(np.broadcast_to(pixels, (*pixels.shape[:2], 3)), 0, 1).astype(np.float32)
    if linear:
        return np.where(color <= 0.0031308, 12.92 * color, 1.055 * color ** (1 / 2.4) - 0.055).astype(np.float32)
    return color


def png(color: Pixels) -> str:
    """A picture (H, W, 3) in 0..1 as the data URI of a PNG of at most THUMBNAIL_WIDTH pixels."""
    import cv2

    height, width = color.shape[:2]
    if width > THUMBNAIL_WIDTH:
        small = (THUMBNAIL_WIDTH, max(1, round(height * THUMBNAIL_WIDTH / width)))
        color = np.asarray(cv2.resize(color, small, interpolation=cv2.INTER_AREA), dtype=np.float32)
    eight_bit = (np.clip(color, 0, 1)[..., ::-1] * 255 + 0.5).astype(np.uint8)
    return "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", eight_bit)[1].tobytes()).decode()


@dataclass
class Thumbnails:
    """Collects pictures of some frames while a comparison runs."""

    numbers: frozenset[int]
    """Frames to keep, at most MOST_THUMBNAILS."""
    linear: bool
    """Whether the compared values are scene-linear and are shown through the sRGB curve."""
    figures: list[str] = field(default_factory=list)

    @classmethod
    def spread(cls, frames: Sequence[int], *, linear: bool) -> Thumbnails:
        """Frames spread evenly over the shot, first and last among them."""
        picked = np.linspace(0, len(frames) - 1, min(len(frames), MOST_THUMBNAILS)).round().astype(int)
        return cls(frozenset(frames[i] for i in picked), linear)

    def add(self, measure: FrameMeasure, a: Pixels, b: Pixels) -> None:
        """Keeps A and B, (H, W, C) float32, and their difference where the frame is one of the picked."""
        if measure.number not in self.numbers:
            return
        first, second = shown(a, linear=self.linear), shown(b, linear=self.linear)
        pictures = (
            ("A", first),
            ("B", second),
            (f"|A - B| as shown, x{DIFFERENCE_GAIN}", np.abs(first - second) * DIFFERENCE_GAIN),
        )
        cells = "".join(f'<figure><img src="{png(p)}" alt="{t}"><figcaption>{t}</figcaption></figure>' for t, p in pictures)
        self.figures.append(f"<h3>Frame {measure.number}</h3>{cells}")


def number(value: float | None, decimals: int) -> str:
    """A figure for people: a dash for none, "identical" for infinite decibels."""
    if value is None:
        return "-"
    return "identical" if math.isinf(value) else f"{value:.{decimals}f}"


def columns(measure: FrameMeasure | Total) -> dict[str, str]:
    """Heading -> shown figure, the same in the report and on the terminal."""
    cells = {"PSNR dB": number(measure.psnr, 2)}
    if measure.hdr_psnr is not None:
        cells["PSNR log2 dB"] = number(measure.hdr_psnr, 2)
    return cells | {
        "SSIM": number(measure.ssim, 5),
        "max error": f"{measure.max_error:.6g}",
        "flicker": "-" if measure.flicker is None else f"{measure.flicker:.3g}",
        "non-finite": str(measure.nonfinite),
    }


def write_report(
    path: Path, title: str, facts: Sequence[str], measures: Sequence[FrameMeasure], summed: Total, thumbnails: Thumbnails
) -> None:
    """Writes the report; OutputError where the file cannot be written."""
    heads = ["frame", *columns(summed)]
    rows = [[str(m.number), *columns(m).values()] for m in measures]
    table = f"<thead>{_row(heads, 'th')}</thead><tbody>{''.join(_row(r, 'td') for r in rows)}</tbody>"
    table += f"<tfoot>{_row(['all', *columns(summed).values()], 'td')}</tfoot>"
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    told, figures = "<br>".join(escape(f) for f in facts), "".join(thumbnails.figures)
    body = f"<h1>{escape(title)}</h1><p>{told}</p><table>{table}</table>{figures}"
    text = f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'
    try:
        write_text(path, text)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {reason(error)}") from error


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(c)}</{tag}>" for c in cells) + "</tr>"
