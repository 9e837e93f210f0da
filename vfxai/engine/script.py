"""The engine for scripts and notebooks: open, apply, look, write."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from vfxai import __version__
from vfxai.color.config import Config, SpaceChoice, find_config
from vfxai.engine.hold import held
from vfxai.engine.inputs import files_of, input_of, opened
from vfxai.engine.own_input import Reads, check_foreign, check_output
from vfxai.engine.resume import Journal, content_hash
from vfxai.errors import ParameterError
from vfxai.image import clip as clips
from vfxai.image.clip import Clip, FileClip
from vfxai.image.files import write_frame
from vfxai.image.formats import check_side
from vfxai.image.frame import Frame
from vfxai.image.sequence import Pattern, files_named
from vfxai.models.pool import Pool
from vfxai.schema import registry
from vfxai.schema.clip_format import ClipFormat
from vfxai.schema.declared import arguments
from vfxai.schema.frames import numbers
from vfxai.schema.job import Job
from vfxai.session.losses import Losses
from vfxai.session.output import in_space
from vfxai.session.session import Session
from vfxai.session.stage import Stage

F = TypeVar("F", bound=Callable[..., Any])


class ScriptClip(Clip):
    """A clip that names its colour config, so that nodes applied to it use the same, the colour space that was stated for it, and what it reads."""

    def __init__(self, clip: Clip, config: Config, stated: str = "", reads: Reads | None = None) -> None:
        """`reads`: all files that its frames are made of."""
        self.config, self.stated, self.reads = config, stated, reads or Reads()
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

    def whole(self) -> "ScriptClip":
        """As the clip."""
        return ScriptClip(self._clip.whole(), self.config, self.stated, self.reads)

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
WRITES = frozenset({"depth", "compression", "output_colorspace", "overwrite"})
"""Options of a job (vfxai.schema.job) that each function takes."""
KEY = "written from Python"
"""Of frames that write() makes: they are known as vfxai's, and no recipe takes them for its own."""


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
    return ScriptClip(clip, config, config.canonical(colorspace) if colorspace else "", Reads.of(clip))


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
    files = [path for text in made.files() for path in files_named(text)]
    for name, one in (inputs or {}).items():
        if isinstance(one, Clip):
            fed[name] = one
        else:
            declared = input_of(made, name)
            patterns = declared.accept(one)
            fed |= opened(declared, patterns, space, mask_channel=job.mask_channel)
            files += files_of(declared, patterns)
    session = Session(plate, [Stage(made, fed)], pool=pool, config=config, shot=plate.whole())
    session.check_memory()
    reads = sum(map(_reads, [plate, *fed.values()]), Reads(files=tuple(files)))
    return ScriptClip(session.clip(on_warning=lambda message: warnings.warn(message, stacklevel=2)), config, stated, reads)


def _reads(clip: Clip) -> Reads:
    if isinstance(clip, ScriptClip):
        return clip.reads
    return Reads.of(clip) if isinstance(clip, FileClip) else Reads()


def pixels(frame: Frame) -> NDArray[np.float32]:
    """A frame as (H, W, C) float32: R, G, B or Y as in the file, and alpha where it has one."""
    planes = frame.color if frame.alpha is None else torch.cat([frame.color, frame.alpha])
    return np.ascontiguousarray(planes.detach().cpu().numpy().transpose(1, 2, 0))


@_signed(WRITES)
def write(clip: Clip, pattern: str | Path, *, frames: str | Iterable[int] | None = None, **options: Any) -> list[Path]:
    """Computes and writes frames of a clip; the paths. Options of a job that it takes: depth, compression, output_colorspace, overwrite.

    ParameterError, before anything is written, where the pattern cannot take the frames, is what the clip reads, or, without overwrite, names files
    that vfxai did not write; OutputError while a run of a recipe writes there. Frames that it wrote before are made again. Warns of channels and values that the format has no place for. Long runs with resume and progress are recipes: see vfxai.run.
    """
    job, output = _job("write", WRITES, options), Pattern.parse(pattern)
    config = clip.config if isinstance(clip, ScriptClip) else find_config()
    wanted = numbers(frames) if isinstance(frames, str) else tuple(frames or clip.frames)
    check_output(output, wanted, _reads(clip))
    check_side(output.path(0), clip.format())
    journal = Journal(output)
    if not job.overwrite:
        check_foreign(output, wanted, journal, "overwrite=True")
    losses = Losses(
        lambda said, remedy: warnings.warn(f"{said}; {remedy}", stacklevel=4), config, depth=job.depth, compression=job.compression,
        converted=bool(job.output_colorspace),
    )  # fmt: skip
    attributes, paths = {"vfxai/version": __version__, "vfxai/key": KEY}, []
    with held(journal, content_hash(KEY)):
        for number in wanted:
            path, frame = output.path(number), clip[number]
            if job.output_colorspace:
                frame = in_space(frame, job.output_colorspace, config)
            losses.tell(path, frame)
            finish = partial(journal.finish, number, KEY)
            write_frame(path, frame, depth=job.depth, compression=job.compression, attributes=attributes, complete=finish)
            losses.tell_space(path, frame)
            paths.append(path)
    return paths
