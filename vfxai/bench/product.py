"""The product as the benches see it: pictures in memory go through nodes on the path that every host takes.

Nothing is told about the noise. The pool of models is shared by all calls, so that no picture pays for loading a network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vfxai.color.config import Config, find_config
from vfxai.engine.apply import EngineTools, NodeClip
from vfxai.engine.recipe import Recipe, Step
from vfxai.engine.run import Outcome, run
from vfxai.errors import MissingInputError, ParameterError
from vfxai.image.box import Box
from vfxai.image.clip import Clip
from vfxai.image.frame import Frame
from vfxai.models.pool import Pool
from vfxai.nodes.denoise import Denoise
from vfxai.schema.job import Job
from vfxai.schema.node import Node

Pixels = NDArray[np.float32]

SPACES = {"display": "sRGB Encoded Rec.709 (sRGB)", "scene-linear": "Linear Rec.709 (sRGB)"}
"""Colour space, by its name in the shipped config, of pictures of an encoding."""
FIRST = 1001
"""Number of the first frame of a clip in memory, as shots are numbered."""


class PictureClip(Clip):
    """Frames in memory, numbered from 1001."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._frames = {FIRST + index: frame for index, frame in enumerate(frames)}

    @property
    def frames(self) -> tuple[int, ...]:
        """From 1001 on."""
        return tuple(self._frames)

    def __getitem__(self, number: int) -> Frame:
        if number not in self._frames:
            raise MissingInputError(f"there is no frame {number}, only {self.frames[0]}-{self.frames[-1]}")
        return self._frames[number]


def picture_frame(pixels: Pixels, colorspace: str) -> Frame:
    """A frame without alpha of (H, W, 3) float32 pixels."""
    box = Box(0, 0, pixels.shape[1], pixels.shape[0])
    color = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32))
    return Frame(color, None, False, colorspace, box, box)


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
    mattes: Mapping[str, Sequence[Frame]] | None = None,
) -> NodeClip:
    """A node over frames in memory, numbered from 1001; each result is computed when it is asked for."""
    window = node.temporal_window().loaded
    tools = EngineTools(_pool(device, backend, precision), window.before + window.after + 1)
    return NodeClip(PictureClip(frames), node, tools, _config(), {n: PictureClip(m) for n, m in (mattes or {}).items()})


def through(
    node: Node, frames: Sequence[Pixels], encoding: str = "display", mattes: Mapping[str, Sequence[Pixels]] | None = None
) -> list[Pixels]:
    """All that a node makes of the frames of a clip, (H, W, 3) float32 in and out, in "display" or "scene-linear" encoding.

    `mattes` are pictures (H, W) by the name of the input.
    """
    given = {n: [picture_frame(m[..., None].repeat(3, 2), "") for m in matte] for n, matte in (mattes or {}).items()}
    clip = applied(node, [picture_frame(f, SPACES[encoding]) for f in frames], mattes=given)
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
    return applied(Denoise(**parameters), [picture_frame(f, SPACES[encoding]) for f in frames], device, backend, precision)


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
