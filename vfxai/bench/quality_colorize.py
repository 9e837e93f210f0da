"""Colorize: clips made gray and coloured again from their first and last frame, beside copying a key's colours along DIS flow."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from vfxai.bench.asked import Asked
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, Pixels
from vfxai.bench.product import SPACES, applied, through
from vfxai.bench.table import Result
from vfxai.color.luminance import LUMAS
from vfxai.measure import metrics
from vfxai.motion.flow import estimate_flow
from vfxai.motion.warp import warp
from vfxai.nodes.colorize import Colorize
from vfxai.session.clips import FIRST, frame_of
from vfxai.session.request import Request

OURS, MOTION, NETWORK, PEER, GRAY = (
    "vfxai colorize", "vfxai, motion alone", "vfxai, network alone", "nearest key along DIS flow", "gray",
)  # fmt: skip
PACES = {"": 1, ", every 4th frame": 4, ", every 12th frame": 12}
"""Frames that are left between two; motion beyond the first is fast enough for flow to break."""
FAR = 12
"""Frames from a key from which a column counts alone."""
FLOOR = (
    "Floor at full pace: 1.5 dB above the peer, CIEDE2000 a quarter lower, colourfulness within 5 % of the truth, no more flicker; at fast "
    "motion clearly ahead."
)
COLUMNS = {"case": 0, "method": 0, "PSNR dB": 2, "CIEDE2000": 3, "far from keys": 3, "colourfulness %": 1, "flicker": 3}
"""Headings, and the decimals that are shown."""


def run(clips: Mapping[str, Sequence[Picture]], *, say: Say, steps: int = 500) -> Result:
    """Scores of the frames between the keys, at three paces of each clip."""
    rows: list[dict[str, Any]] = []
    for name, frames in clips.items():
        for suffix, pace in PACES.items():
            true = [f.pixels for f in frames][::pace]
            if len(true) < 3:
                continue
            for method, made in _results(true, steps).items():
                rows.append({"case": f"{name}{suffix}", "method": method} | _scores(made, true))
                say(f"{name}{suffix}: {method} {rows[-1]['PSNR dB']:.2f} dB")
    for suffix in PACES:
        cases = [r for r in rows if r["case"].endswith(suffix) and (suffix or "every" not in r["case"])]
        for method in dict.fromkeys(r["method"] for r in cases):
            of_method = [r for r in cases if r["method"] == method]
            scores = {
                k: _mean([r[k] for r in of_method if r[k] is not None]) for k in of_method[0] if k not in ("case", "method")
            }
            rows.append({"case": f"all clips{suffix}", "method": method} | scores)
    notes = (
        "Rec. 709 luma, not rounded; the first and the last frame are keys and do not count. All methods keep the luma. Colourfulness (Hasler and "
        "Suesstrunk) in percent of the clip's own; flicker as in the video table; far from keys: CIEDE2000 12 frames and more from a key.",
        "The network alone is a look model fitted in the same shot, without keys and without motion; motion alone is --steps 0.",
        FLOOR,
    )
    return Result("colorize", "Colorize", COLUMNS, rows, notes)


def _results(true: Sequence[Pixels], steps: int) -> dict[str, list[Pixels]]:
    gray = [np.repeat((f @ LUMA)[..., None], 3, -1).astype(np.float32) for f in true]
    with TemporaryDirectory() as folder:
        keys = {FIRST + index: true[index] for index in (0, len(true) - 1)}
        look = str(Path(folder) / "look.npz")
        methods: dict[str, Callable[[], list[Pixels]]] = {
            OURS: lambda: _with_look(Colorize(save_look=look, steps=steps), gray, keys),
            MOTION: lambda: through(Colorize(steps=0), gray, pictures={"key": keys}),
            NETWORK: lambda: through(Colorize(look_model=look), gray),
            PEER: lambda: copied(true, gray),
            GRAY: lambda: gray,
        }
        return {name: method() for name, method in methods.items()}


def _with_look(node: Colorize, frames: Sequence[Pixels], keys: Mapping[int, Pixels]) -> list[Pixels]:
    given = {"key": {number: frame_of(key, SPACES["display"]) for number, key in keys.items()}}
    clip = applied(node, [frame_of(f, SPACES["display"]) for f in frames], inputs=given)
    clip.session.deliver(Request())
    return [np.ascontiguousarray(clip[n].color.numpy().transpose(1, 2, 0)) for n in clip.frames]


LUMA = np.array(LUMAS["rec709"], np.float32)


def copied(true: Sequence[Pixels], gray: Sequence[Pixels]) -> list[Pixels]:
    """The colours of the nearer of the first and last frame, fetched along flow that is summed from frame to frame, on each frame's luma."""
    light = [torch.from_numpy(g[..., 0])[None] for g in gray]
    last, made = len(true) - 1, {}
    for key, way in ((0, 1), (last, -1)):
        color = torch.from_numpy(np.ascontiguousarray((true[key] - true[key] @ LUMA[:, None]).transpose(2, 0, 1)))
        flow = torch.zeros((2, *light[0].shape[1:]))
        for number in range(key, last // 2 + 1 if way > 0 else last // 2, way):
            if number != key:
                step = estimate_flow(light[number], light[number - way], fine=True)
                flow = step + warp(flow, step)
            made[number] = (light[number] + warp(color, flow)).numpy().transpose(1, 2, 0)
    return [made[number] for number in range(len(true))]


def _scores(made: Sequence[Pixels], true: Sequence[Pixels]) -> dict[str, float | None]:
    between = range(1, len(true) - 1)
    pairs = [(np.clip(made[t], 0, 1), true[t]) for t in between]
    differences = [float(metrics.color_difference(a, b).mean()) for a, b in pairs]
    far = [d for d, t in zip(differences, between, strict=True) if min(t, len(true) - 1 - t) >= FAR]
    return {
        "PSNR dB": _mean([metrics.psnr(a, b) for a, b in pairs]),
        "CIEDE2000": _mean(differences),
        "far from keys": _mean(far),
        "colourfulness %": 100 * sum(metrics.colorfulness(a) for a, _ in pairs) / sum(metrics.colorfulness(b) for _, b in pairs),
        "flicker": 255 * metrics.sequence_flicker(made, true),
    }


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.clips(), say=asked.say)
