"""The engine for scripts and notebooks: open, apply, look, write."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from vfxai import __version__
from vfxai.color.config import Config, SpaceChoice, find_config
from vfxai.engine.inputs import input_of, opened
from vfxai.errors import ParameterError
from vfxai.image import clip as clips
from vfxai.image.clip import Clip
from vfxai.image.files import write_frame
from vfxai.image.formats import KEEP_ALL, what_is_lost
from vfxai.image.frame import Frame
from vfxai.image.sequence import Pattern
from vfxai.models.pool import Pool
from vfxai.schema import registry
from vfxai.schema.clip_format import ClipFormat
from vfxai.schema.declared import arguments
from vfxai.schema.frames import numbers
from vfxai.schema.job import Job
from vfxai.session.output import in_space
from vfxai.session.session import Session
from vfxai.session.stage import Stage

F = TypeVar("F", bound=Callable[..., Any])


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

    def format(self) -> ClipFormat:
        """As the clip's."""
        return self._clip.format()

    def hold(self, least: int, most: int = 0) -> None:
        """As Clip says."""
        self._clip.hold(least, most)

    def __getitem__(self, number: int) -> Frame:
        return self._clip[number]


OPENS = frozenset({"frames", "layer", "missing", "colorspace", "ocio"})
APPLIES = frozenset({"ocio", "device", "backend", "precision", "tile", "license", "beside_colorspace", "mask_channel"})
WRITES = frozenset({"depth", "compression", "output_colorspace"})
"""Options of a job (vfxai.schema.job) that each function takes."""


def _job(function: str, taken: frozenset[str], given: Mapping[str, Any]) -> Job:
    """Options of a job, judged as those of a recipe; None is as if it were not given. ParameterError for others than the function takes."""
    if unknown := sorted(given.keys() - taken):
        raise ParameterError(f"{function} takes no {', '.join(unknown)}", remedy=f"it takes {', '.join(sorted(taken))}")
    return Job(**{name: value for name, value in given.items() if value is not None})


def _signed(taken: frozenset[str]) -> Callable[[F], F]:
    """Gives a function of `**options` the signature that these have, for help() and editors."""

    def sign(function: F) -> F:
        own = signature(function)
        kept = [p for p in own.parameters.values() if p.name != "options"]
        named = [p for p in kept if p.kind is not p.VAR_KEYWORD]
        options = arguments(Job, [name for name in Job.parameters() if name in taken])
        function.__signature__ = own.replace(parameters=[*named, *options, *kept[len(named) :]])  # type: ignore[attr-defined]  # as inspect says
        return function

    return sign


@_signed(OPENS)
def open_clip(pattern: str | Path, **options: Any) -> ScriptClip:
    """A clip of the files of a pattern, lazily read. Options of a job that it takes: frames, layer, missing, colorspace, ocio."""
    job = _job("open_clip", OPENS, options)
    config, told = find_config(job.ocio or None), set[str]()
    colorspace = job.colorspace or None

    def space(path: Path, attributes: Mapping[str, Any]) -> str:
        choice = config.space(path, attributes, colorspace)
        if not choice.stated and choice.name not in told:
            told.add(choice.name)
            said = (
                f"{path.name} does not say its colour space; taken as {choice.name} ({choice.origin}); colorspace= states another"
            )
            warnings.warn(said, stacklevel=2)
        return choice.name

    clip = clips.open_clip(pattern, frames=job.frames or None, layer=job.layer or None, missing=job.missing, colorspace=space)
    return ScriptClip(clip, config, config.canonical(colorspace) if colorspace else "")


@_signed(APPLIES)
def apply(plate: Clip, node: str, *, inputs: Mapping[str, Any] | None = None, **values: Any) -> ScriptClip:
    """A node applied to a clip, lazily; `values` are the node's parameters. Clips from apply() can be fed to it again.

    `inputs` are what the node is fed besides, by name: a pattern or a clip, or for several a list of patterns as the command line takes them, such as
    {"mask": "matte.####.exr"}, {"key": ["1001=paint.exr"]} or {"pair": ["before.png", "after.png"]}. ParameterError where it has no such input.
    Options of a job that it takes beside the parameters: ocio, device, backend, precision, tile, license, beside_colorspace, mask_channel. The colour
    config is that of open_clip(), unless `ocio` names one; files beside the plate that do not say their colour space are in the one that open_clip()
    was told. What there is to say comes as Python warnings.
    """
    registry.discover()
    given = {name: values.pop(name) for name in APPLIES & values.keys()}
    job, made = _job("apply", APPLIES, given), registry.get(node)(**values)
    pool = Pool(device=job.device, backend=job.backend, precision=job.precision, tile=job.tile, license=job.license)
    config = plate.config if isinstance(plate, ScriptClip) and not job.ocio else find_config(job.ocio or None)

    stated = plate.stated if isinstance(plate, ScriptClip) else ""

    def space(path: Path, attributes: Mapping[str, Any]) -> str:
        own = SpaceChoice(stated, "--colorspace" if stated else "", bool(stated))
        return config.space_beside(path, attributes, (path, own), job.beside_colorspace or None).name

    fed: dict[str, Clip] = {}
    for name, one in (inputs or {}).items():
        if isinstance(one, Clip):
            fed[name] = one
        else:
            declared = input_of(made, name)
            fed |= opened(declared, declared.accept(one), space, mask_channel=job.mask_channel)
    session = Session(plate, [Stage(made, fed)], pool=pool, config=config)
    return ScriptClip(session.clip(on_warning=lambda message: warnings.warn(message, stacklevel=2)), config, stated)


def pixels(frame: Frame) -> NDArray[np.float32]:
    """A frame as (H, W, C) float32: R, G, B or Y as in the file, and alpha where it has one."""
    planes = frame.color if frame.alpha is None else torch.cat([frame.color, frame.alpha])
    return np.ascontiguousarray(planes.detach().cpu().numpy().transpose(1, 2, 0))


@_signed(WRITES)
def write(clip: Clip, pattern: str | Path, *, frames: str | Iterable[int] | None = None, **options: Any) -> list[Path]:
    """Computes and writes frames of a clip; the paths. Options of a job that it takes: depth, compression, output_colorspace.

    Warns of channels and values that the format has no place for. Long runs with resume and progress are recipes: see vfxai.run.
    """
    job, output = _job("write", WRITES, options), Pattern.parse(pattern)
    config = clip.config if isinstance(clip, ScriptClip) else find_config()
    wanted = numbers(frames) if isinstance(frames, str) else tuple(frames or clip.frames)
    paths = []
    for number in wanted:
        path, frame = output.path(number), clip[number]
        if job.output_colorspace:
            frame = in_space(frame, job.output_colorspace, config)
        for said in what_is_lost(path, frame, job.depth).values():
            warnings.warn(f"{said}; {KEEP_ALL}", stacklevel=2)
        write_frame(path, frame, depth=job.depth, compression=job.compression, attributes={"vfxai/version": __version__})
        paths.append(path)
    return paths
