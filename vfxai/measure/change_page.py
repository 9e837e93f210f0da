"""The change report as a page: one HTML file that needs nothing beside it and asks nothing of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from vfxai.measure.change import BEYOND, BRIGHTNESS, ShotChange
from vfxai.measure.comparison_page import STYLE, png, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfxai.noise.profile import NoiseProfile

    Pixels = NDArray[np.float32]

WIDTH, HEIGHT, MARGIN = 420, 160, 34
"""Of a plot, in pixels; the margin holds the figures of the axes."""
COLORS = ("#6cf", "#fc6", "#9d8")
"""Of the lines of a plot: first, second, third."""
LONG = 72
"""Characters of a long value that are shown before it is unfolded: a line, and a SHA-256 whole."""
LEVELS = 33
"""Points of a curve of noise against level."""
FULL = 10.0
"""A change of this many times the noise is white in the map."""
MORE_STYLE = """section{margin:24px 0}h2{border-bottom:1px solid #3a3a3a}.bad{color:#f88}.good{color:#8d8}
thead th{text-align:left}td.text{text-align:left;vertical-align:top;max-width:60em}summary{cursor:pointer}
.wipe{position:relative;display:inline-block}.wipe img+img{position:absolute;left:0;top:0;clip-path:inset(0 0 0 var(--at,50%))}
.wipe input{width:100%}svg text{fill:#999;font-size:11px}code{color:#cdf;word-break:break-all}"""
SCRIPT = (
    "document.querySelectorAll('.wipe input').forEach(i=>i.addEventListener('input',()=>"
    "i.parentNode.style.setProperty('--at',i.value+'%')))"
)


@dataclass
class ChangePictures:
    """Plate, result and map of some frames, collected while a shot is measured."""

    numbers: frozenset[int]
    linear: bool
    """Whether the values are scene-linear and are shown through the sRGB curve."""
    cells: list[str] = field(default_factory=list)

    def add(self, number: int, plate: Pixels, result: Pixels, moved: NDArray[np.float32]) -> None:
        """Keeps a frame where it is one of `numbers`: (H, W, C) pictures and (H, W) multiples of the noise."""
        if number not in self.numbers:
            return
        before, after = png(shown(plate, linear=self.linear)), png(shown(result, linear=self.linear))
        where = png(np.repeat(np.clip(moved / FULL, 0, 1)[..., None], 3, -1).astype(np.float32))
        wipe = (
            f'<div class="wipe"><img src="{before}" alt="plate"><img src="{after}" alt="result">'
            '<input type="range" min="0" max="100" value="50" aria-label="wipe between plate and result"></div>'
        )
        caption = f"change, black 0 to white {FULL:g} times the noise"
        self.cells.append(
            f"<h3>Frame {number}</h3><figure>{wipe}<figcaption>plate | result</figcaption></figure>"
            f'<figure><img src="{where}" alt="change map"><figcaption>{caption}</figcaption></figure>'
        )


@dataclass(frozen=True)
class ViewChange:
    """What was changed in one view of a shot."""

    view: str
    """Its name; empty where there is one picture."""
    change: ShotChange
    pictures: ChangePictures


def page(
    title: str, facts: Mapping[str, str], models: Sequence[Mapping[str, str]], checks: Sequence[Mapping[str, str]],
    views: Sequence[ViewChange],
) -> str:  # fmt: skip
    """The whole page. `facts` are what was done, by name; `models` rows of a table; `checks` have title, state (ok, failed) and detail."""
    parts = [_facts(facts), _table("Models", models), _checks(checks)]
    for one in views:
        parts += [f"<h2>View {escape(one.view)}</h2>"] if one.view else []
        parts += [_figures(one.change.total()), _plots(one.change), *one.pictures.cells]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}{MORE_STYLE}</style>'
    body = f"<h1>{escape(title)}</h1>" + "".join(f"<section>{p}</section>" for p in parts if p)
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}<script>{SCRIPT}</script></body></html>\n'


def _facts(facts: Mapping[str, str]) -> str:
    rows = "".join(f"<tr><th>{escape(n)}</th><td class='text'>{_said(v)}</td></tr>" for n, v in facts.items())
    return f"<h2>What was done</h2><table>{rows}</table>"


def _said(text: str) -> str:
    """A value for people; a long one is folded behind its beginning."""
    code = f"<code>{escape(text)}</code>"
    return f"<details><summary><code>{escape(text[:LONG])} ...</code></summary>{code}</details>" if len(text) > 2 * LONG else code


def _table(title: str, rows: Sequence[Mapping[str, str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(n)}</th>" for n in rows[0])
    body = "".join("<tr>" + "".join(f"<td class='text'>{_said(v)}</td>" for v in row.values()) + "</tr>" for row in rows)
    return f"<h2>{escape(title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _checks(checks: Sequence[Mapping[str, str]]) -> str:
    if not checks:
        return ""
    rows = "".join(
        f'<tr><td class="text">{escape(c["title"])}</td>'
        f'<td class="{"good" if c["state"] == "ok" else "bad"}">{escape(c["state"])}</td>'
        f'<td class="text">{escape(c["detail"])}</td></tr>'
        for c in checks
    )
    return f"<h2>Checks</h2><table>{rows}</table>"


def _figures(total: Mapping[str, Any]) -> str:
    rows = [
        ("pixels changed beyond the noise", f"{100 * total['changed']:.3g} % (more than {BEYOND:g} times the plate's noise)"),
        ("pixels touched", f"{100 * total['touched']:.3g} %"),
        ("largest shift of tone", f"{total['shift']:.3g} times the noise, {total['shift_value']:.3g} in plate values"),
        ("flicker added", "-" if total["flicker"] is None else f"{total['flicker']:.3g}"),
        ("pixels made up", "-" if total["invented"] is None else f"up to {100 * total['invented']:.3g} % of a frame"),
        (
            "alpha",
            "-"
            if total["alpha"] is None
            else "untouched"
            if not total["alpha"]
            else f"up to {100 * total['alpha']:.3g} % changed",
        ),
        ("samples that are no numbers", str(total["nonfinite"])),
    ]
    return "<h2>How much</h2><table>" + "".join(f"<tr><th>{n}</th><td class='text'>{v}</td></tr>" for n, v in rows) + "</table>"


def _plots(change: ShotChange) -> str:
    numbers = [f.number for f in change.frames]
    made = [
        plot("share changed, by frame, in %", numbers, {"changed": [100 * f.changed for f in change.frames]}),
        plot("largest shift of tone, in noise, by frame", numbers, {"shift": [f.shift for f in change.frames]}),
    ]
    by_frame = (
        ("pixels made up, by frame, in %", "made up", "invented", 100),
        ("flicker added, by frame", "flicker", "flicker", 1),
    )
    for title, legend, name, scale in by_frame:
        known = {f.number: scale * getattr(f, name) for f in change.frames if getattr(f, name) is not None}
        made += [plot(title, list(known), {legend: list(known.values())})] if known else []
    for name in BRIGHTNESS:
        if name in change.before.spectrum:
            lines = {"plate": change.before.spectrum[name], "result": change.after.spectrum[name]}
            made.append(plot(f"grain in {name} parts, coarse to fine", list(range(4)), lines))
    made += _noise_plots(change.noise)
    frozen = [f"{w}: {g.frozen:.2f}" for w, g in (("plate", change.before), ("result", change.after)) if g.frozen is not None]
    said = f"<p>Correlation of the grain of neighbouring frames (1: it stands still): {', '.join(frozen)}.</p>" if frozen else ""
    return "<h2>Plots</h2>" + "".join(made) + said


def _noise_plots(noise: NoiseProfile) -> list[str]:
    """The plate's noise against level in each channel, in % of white, and by fineness."""
    levels = np.linspace(0, noise.white, LEVELS)
    deviations = {c: list(100 * np.sqrt(noise.variance(i, levels)) / noise.white) for i, c in enumerate("RGB")}
    sizes = (2, 4, 8)
    power = {"luminance": noise.luma_power, "colour": noise.chroma_power}
    return [
        plot("noise of the plate in % of white, by level", list(levels), deviations),
        plot("noise by size: power up to 2, 4 and 8 pixels, of which white noise has 1", sizes, power),
    ]


def plot(title: str, x: Sequence[float], lines: Mapping[str, Sequence[float]]) -> str:
    """A line plot as SVG, from 0 up."""
    top = max((max(v) for v in lines.values()), default=0) or 1.0
    left, right = min(x), max(x)
    spread = (right - left) or 1

    def at(a: float, b: float) -> str:
        return (
            f"{MARGIN + (a - left) / spread * (WIDTH - 2 * MARGIN):.1f},{HEIGHT - MARGIN - b / top * (HEIGHT - 2 * MARGIN):.1f}"
        )

    drawn = ""
    for color, (name, values) in zip(COLORS, lines.items(), strict=False):
        points = " ".join(at(a, b) for a, b in zip(x, values, strict=True))
        drawn += (
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"><title>{escape(name)}</title></polyline>'
        )
    legend = " ".join(f'<tspan style="fill:{c}">{escape(n)}</tspan>' for c, n in zip(COLORS, lines, strict=False))
    base = HEIGHT - MARGIN
    return (
        f'<figure><svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(title)}">{drawn}'
        f'<line x1="{MARGIN}" y1="{base}" x2="{WIDTH - MARGIN}" y2="{base}" stroke="#555"/>'
        f'<text x="2" y="{MARGIN + 4}">{top:.3g}</text><text x="2" y="{base}">0</text>'
        f'<text x="{MARGIN}" y="{HEIGHT - 14}">{left:g}</text><text x="{WIDTH - 2 * MARGIN}" y="{HEIGHT - 14}">{right:g}</text>'
        f'<text x="{WIDTH // 2}" y="14">{legend}</text></svg><figcaption>{escape(title)}</figcaption></figure>'
    )
