"""The engine for scripts and notebooks: open, apply, look, write."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vfxai import __version__
from vfxai.color.config import find_config
from vfxai.engine.apply import EngineTools, NodeClip
from vfxai.errors import ParameterError
from vfxai.image import clip as clips
from vfxai.image.clip import Clip
from vfxai.image.files import write_frame
from vfxai.image.formats import KEEP_ALL, what_is_lost
from vfxai.image.frame import Frame
from vfxai.image.sequence import Pattern
from vfxai.models.pool import Pool
from vfxai.schema import registry


def open_clip(
    pattern: str | Path,
    *,
    frames: str | None = None,
    layer: str | None = None,
    missing: str = "error",
    colorspace: str | None = None,
    ocio: str | None = None,
) -> Clip:
    """A clip of the files of a pattern, lazily read. Parameters are those of the command line's options of the same names."""
    config = find_config(ocio)

    def space(path: Path, attributes: Mapping[str, Any]) -> str:
        return config.space(path, attributes, colorspace).name

    return clips.open_clip(pattern, frames=frames, layer=layer, missing=missing, colorspace=space)


def apply(
    plate: Clip,
    node: str,
    *,
    device: str = "auto",
    backend: str = "auto",
    precision: str = "auto",
    tile: str | int = "auto",
    mattes: Mapping[str, str | Path | Clip] | None = None,
    **values: Any,
) -> Clip:
    """A node applied to a clip, lazily; `values` are the node's parameters. Clips from apply() can be fed to it again.

    `mattes` are patterns or clips by the name of the input, such as {"mask": "matte.####.exr"}; ParameterError where the node has no such input.
    """

    registry.discover()
    made = registry.get(node)(**values)
    window = made.temporal_window().loaded
    names = {m.name for m in made.masks()}
    if unknown := sorted(set(mattes or {}) - names):
        raise ParameterError(f"{node} takes no {', '.join(unknown)}", remedy=f"it takes {', '.join(sorted(names)) or 'no matte'}")
    given = {n: m if isinstance(m, Clip) else clips.open_clip(m) for n, m in (mattes or {}).items()}
    pool = Pool(device=device, backend=backend, precision=precision, tile=tile)
    config = plate.config if isinstance(plate, NodeClip) else find_config()
    return NodeClip(plate, made, EngineTools(pool, window.before + window.after + 1), config, given)


def pixels(frame: Frame) -> NDArray[np.float32]:
    """A frame as (H, W, C) float32: R, G, B or Y as in the file, and alpha where it has one."""
    planes = frame.color if frame.alpha is None else torch.cat([frame.color, frame.alpha])
    return np.ascontiguousarray(planes.detach().cpu().numpy().transpose(1, 2, 0))


def write(
    clip: Clip, pattern: str | Path, *, frames: tuple[int, ...] | None = None, depth: str = "keep", compression: str = "keep"
) -> list[Path]:
    """Computes and writes frames of a clip; the paths. Warns of channels and values that the format has no place for. Long runs with resume and progress are recipes: see vfxai.run."""
    output = Pattern.parse(pattern)
    paths = []
    for number in frames or clip.frames:
        path, frame = output.path(number), clip[number]
        for said in what_is_lost(path, frame).values():
            warnings.warn(f"{said}; {KEEP_ALL}", stacklevel=2)
        write_frame(path, frame, depth=depth, compression=compression, attributes={"vfxai/version": __version__})
        paths.append(path)
    return paths
