"""The engine for scripts and notebooks: open, apply, look, write."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vfxai import __version__
from vfxai.color.config import Config, SpaceChoice, find_config
from vfxai.engine.inputs import input_of, opened
from vfxai.image import clip as clips
from vfxai.image.clip import Clip
from vfxai.image.files import write_frame
from vfxai.image.formats import KEEP_ALL, what_is_lost
from vfxai.image.frame import Frame
from vfxai.image.sequence import Pattern
from vfxai.models.pool import Pool
from vfxai.schema import registry
from vfxai.session.session import Session
from vfxai.session.stage import Stage


class ScriptClip(Clip):
    """A clip that names its colour config, so that nodes applied to it use the same, and the colour space that was stated for it."""

    def __init__(self, clip: Clip, config: Config, stated: str = "") -> None:
        self.config, self.stated = config, stated
        self._clip = clip

    @property
    def frames(self) -> tuple[int, ...]:
        """As the clip's."""
        return self._clip.frames

    @property
    def is_still(self) -> bool:
        """As the clip."""
        return self._clip.is_still

    def has(self, number: int) -> bool:
        """As the clip."""
        return self._clip.has(number)

    def origin(self, number: int) -> int:
        """As the clip's."""
        return self._clip.origin(number)

    def hold(self, least: int, most: int = 0) -> None:
        """As Clip says."""
        self._clip.hold(least, most)

    def __getitem__(self, number: int) -> Frame:
        return self._clip[number]


def open_clip(
    pattern: str | Path,
    *,
    frames: str | None = None,
    layer: str | None = None,
    missing: str = "error",
    colorspace: str | None = None,
    ocio: str | None = None,
) -> ScriptClip:
    """A clip of the files of a pattern, lazily read. Parameters are those of the command line's options of the same names."""
    config, told = find_config(ocio), set[str]()

    def space(path: Path, attributes: Mapping[str, Any]) -> str:
        choice = config.space(path, attributes, colorspace)
        if not choice.stated and choice.name not in told:
            told.add(choice.name)
            said = (
                f"{path.name} does not say its colour space; taken as {choice.name} ({choice.origin}); colorspace= states another"
            )
            warnings.warn(said, stacklevel=2)
        return choice.name

    clip = clips.open_clip(pattern, frames=frames, layer=layer, missing=missing, colorspace=space)
    return ScriptClip(clip, config, config.canonical(colorspace) if colorspace else "")


def apply(
    plate: Clip,
    node: str,
    *,
    ocio: str | None = None,
    device: str = "auto",
    backend: str = "auto",
    precision: str = "auto",
    tile: str | int = "auto",
    inputs: Mapping[str, Any] | None = None,
    beside_colorspace: str | None = None,
    mask_channel: str = "",
    **values: Any,
) -> ScriptClip:
    """A node applied to a clip, lazily; `values` are the node's parameters. Clips from apply() can be fed to it again.

    `inputs` are what the node is fed besides, by name: a pattern or a clip, or for several a list of patterns as the command line takes them, such as
    {"mask": "matte.####.exr"}, {"key": ["1001=paint.exr"]} or {"pair": ["before.png", "after.png"]}. ParameterError where it has no such input.
    Of their files `beside_colorspace` states the colour space, else they say it, else it is the one that open_clip() was told for the plate;
    `mask_channel` names the channel of a matte. The colour config is that of open_clip(), unless `ocio` names one. What there is to say comes as Python warnings.
    """
    registry.discover()
    made = registry.get(node)(**values)
    pool = Pool(device=device, backend=backend, precision=precision, tile=tile)
    config = plate.config if isinstance(plate, ScriptClip) and ocio is None else find_config(ocio)

    stated = plate.stated if isinstance(plate, ScriptClip) else ""

    def space(path: Path, attributes: Mapping[str, Any]) -> str:
        own = SpaceChoice(stated, "--colorspace" if stated else "", bool(stated))
        return config.space_beside(path, attributes, (path, own), beside_colorspace).name

    fed: dict[str, Clip] = {}
    for name, given in (inputs or {}).items():
        if isinstance(given, Clip):
            fed[name] = given
        else:
            declared = input_of(made, name)
            fed |= opened(declared, declared.accept(given), space, mask_channel=mask_channel)
    session = Session(plate, [Stage(made, fed)], pool=pool, config=config)
    return ScriptClip(session.clip(on_warning=lambda message: warnings.warn(message, stacklevel=2)), config, stated)


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
