"""The product as the benches see it: pictures in memory go through nodes on the path that every host takes.

Nothing is told about the noise. The pool of models is shared by all calls, so that no picture pays for loading a network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfxai.color.config import Config, find_config
from vfxai.engine.recipe import Recipe, Step
from vfxai.engine.run import run
from vfxai.errors import ParameterError
from vfxai.image.clip import Clip
from vfxai.image.frame import Frame
from vfxai.models.pool import Pool
from vfxai.nodes.denoise import Denoise
from vfxai.schema.events import Outcome
from vfxai.schema.job import Job
from vfxai.schema.node import Node
from vfxai.session.analyses import Analyses
from vfxai.session.clips import MemoryClip, frame_of
from vfxai.session.session import Session, SessionClip
from vfxai.session.stage import Stage

Pixels = NDArray[np.float32]

SPACES = {"display": "sRGB Encoded Rec.709 (sRGB)", "scene-linear": "Linear Rec.709 (sRGB)"}
"""Colour space, by its name in the shipped config, of pictures of an encoding."""


@lru_cache(maxsize=8)
def _pool(device: str, backend: str, precision: str) -> Pool:
    return Pool(device=device, backend=backend, precision=precision)


@lru_cache(maxsize=1)
def _config() -> Config:
    return find_config()


def applied(
    node: Node,
    frames: Sequence[Frame],
    device: str = "auto",
    backend: str = "auto",
    precision: str = "auto",
    inputs: Mapping[str, Mapping[int, Frame] | Sequence[Frame]] | None = None,
    analyses: Analyses | None = None,
) -> SessionClip:
    """A node over frames in memory, numbered from 1001; each result is computed when it is asked for. `inputs` are frames by slot, one alone a still."""
    stage = Stage(node, {slot: MemoryClip(given) for slot, given in (inputs or {}).items()})
    pool = _pool(device, backend, precision)
    return Session(MemoryClip(frames), [stage], pool=pool, config=_config(), analyses=analyses).clip()


def through(
    node: Node,
    frames: Sequence[Pixels],
    encoding: str = "display",
    mattes: Mapping[str, Sequence[Pixels]] | None = None,
    pictures: Mapping[str, Mapping[int, Pixels]] | None = None,
) -> list[Pixels]:
    """All that a node makes of the frames of a clip, (H, W, 3) float32 in and out, in "display" or "scene-linear" encoding.

    `mattes` are (H, W) by the name of the input; `pictures`, by slot and number, are (H, W, 3) in "display" encoding, such as key frames.
    """
    fed: dict[str, Mapping[int, Frame] | Sequence[Frame]] = {}
    for name, matte in (mattes or {}).items():
        fed[name] = [frame_of(m[..., None].repeat(3, 2), "") for m in matte]
    for slot, given in (pictures or {}).items():
        fed[slot] = {number: frame_of(picture, SPACES["display"]) for number, picture in given.items()}
    clip = applied(node, [frame_of(f, SPACES[encoding]) for f in frames], inputs=fed)
    return [np.ascontiguousarray(clip[n].color.cpu().numpy().transpose(1, 2, 0)) for n in clip.frames]


def denoised_clip(
    frames: Sequence[Pixels],
    encoding: str,
    *,
    device: str = "auto",
    backend: str = "auto",
    precision: str = "auto",
    **parameters: Any,
) -> Clip:
    """A clip from frame 1001 on, denoised when a frame is asked for; the first one measures the noise of them all.

    `frames` are (H, W, 3) float32, R G B; `encoding` is "display" or "scene-linear"; `parameters` are those of Denoise.
    ParameterError for another encoding or a wrong parameter.
    """
    if encoding not in SPACES:
        raise ParameterError(f"encoding: expected {' or '.join(SPACES)}, got {encoding!r}")
    return applied(Denoise(**parameters), [frame_of(f, SPACES[encoding]) for f in frames], device, backend, precision)


def denoise_pictures(frames: Sequence[Pixels], encoding: str, **parameters: Any) -> list[Pixels]:
    """Denoises the frames of one clip, blind, and returns them as (H, W, 3) float32; see denoised_clip for the arguments.

    A list of one picture is a still; pictures that do not belong together are to be given one by one.
    """
    clip = denoised_clip(frames, encoding, **parameters)
    return [np.ascontiguousarray(clip[n].color.cpu().numpy().transpose(1, 2, 0)) for n in clip.frames]


def denoised_frames(frames: Sequence[Frame], colorspace: str, **parameters: Any) -> list[Frame]:
    """Denoises frames that were read from files of a colour space, kept whole so that they can be written again."""
    clip = applied(Denoise(**parameters), [replace(f, colorspace=colorspace) for f in frames])
    return [clip[n] for n in clip.frames]


def run_denoise(source: str, output: str, colorspace: str, *, frames: str = "", **parameters: Any) -> Outcome:
    """A whole run of `vfxai denoise` on files, in this process and without a report; every frame is written anew."""
    return run(Recipe(source, output, (Step(Denoise(**parameters)),), Job(frames=frames, colorspace=colorspace, overwrite=True)))
