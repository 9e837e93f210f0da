"""Seconds a frame of every node on this machine, whole pipeline without files, and of its network alone."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from vfxai.bench.asked import Asked
from vfxai.bench.interlace import interlaced
from vfxai.bench.methods import Say
from vfxai.bench.plates import make_frame, make_wire
from vfxai.bench.product import SPACES, applied
from vfxai.bench.table import Result
from vfxai.bench.timing import in_turn, typical
from vfxai.image.clip import Clip
from vfxai.models.pool import Pool
from vfxai.nodes.deinterlace import Deinterlace
from vfxai.nodes.denoise import Denoise
from vfxai.nodes.remove import Remove
from vfxai.nodes.tone import Tone
from vfxai.nodes.upscale import Upscale
from vfxai.schema.node import Node
from vfxai.session.clips import frame_of


def run(size: tuple[int, int], *, rounds: int, say: Say) -> Result:
    """Frames of `size` in; upscale gets half of it and makes frames of `size`. Median of `rounds` turns, methods in turn."""
    width, height = size
    frames = [make_frame(size, number) for number in range(rounds + 4)]
    moving = [np.ascontiguousarray(np.roll(frames[0], 5 * i, 1)) for i in range(2 * len(frames))]
    small = [np.ascontiguousarray(f[: height // 2, : width // 2]) for f in frames]
    pair = {"before": frames[0], "after": frames[0] ** 1.1}
    nodes: dict[str, tuple[Node, Sequence[Any]]] = {
        "denoise, radius 2": (Denoise(), frames),
        "denoise, radius 0": (Denoise(radius=0), frames),
        "denoise, radius 0, quality fast": (Denoise(radius=0, quality="fast"), frames),
        "deinterlace, one field": (Deinterlace(mode="deinterlace", field_order="top"), interlaced(moving)),
        "tone, from a pair": (Tone(), frames),
        "remove, a wire across the frame": (Remove(), moving),
        f"upscale x2 to {width}x{height}": (Upscale(scale=2.0), small),
        f"upscale x2 to {width}x{height}, radius 0": (Upscale(scale=2.0, radius=0), small),
    }
    candidates: dict[str, Callable[[int], Any]] = {}
    for name, (node, plates) in nodes.items():
        fed = {m.name: [frame_of(make_wire(size, i), "") for i in range(len(plates))] for m in node.masks() if not m.mixes}
        if isinstance(node, Tone):
            fed |= {slot: [frame_of(np.clip(p, 0, 1).round(2), SPACES["display"])] for slot, p in pair.items()}
        clip = applied(node, [frame_of(p, SPACES["scene-linear"]) for p in plates], inputs=fed)
        clip[clip.frames[0]]  # learns from the shot and loads the networks
        candidates[name] = partial(_frame, clip)
    pool = Pool()
    for model_id in sorted({m for node, _ in nodes.values() for m in node.models}):
        manifest, network = pool.network(model_id)
        if manifest.scale > 2:
            continue
        shape = (1, manifest.input_channels, height // (2 if manifest.scale == 2 or manifest.node == "deinterlace" else 1) // 16 * 16,
                 width // manifest.scale // 16 * 16)  # fmt: skip
        candidates[f"network {model_id} alone, {' '.join(pool.choice(manifest))}"] = partial(_network, network, torch.rand(shape))
    seconds = in_turn(candidates, rounds, say)
    rows = [{"what": name, "s a frame": took, "frames a second": 1 / took} for name, took in typical(seconds).items()]
    notes = (
        f"{width}x{height} RGB scene-linear, median of {rounds} turns, no files; what is learnt from the shot is learnt beforehand. "
        "Backends and precisions are those that auto chooses.",
    )
    return Result("speed-nodes", f"Nodes at {width}x{height}", {"what": 0, "s a frame": 3, "frames a second": 2}, rows, notes)


def _frame(clip: Clip, turn: int) -> object:
    return clip[clip.frames[turn + 1]]


def _network(network: Any, planes: torch.Tensor, turn: int) -> object:
    return network.run(planes)


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.size, rounds=asked.rounds, say=asked.say)
