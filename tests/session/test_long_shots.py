"""Memory does not grow with the length of a shot."""

import gc
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from vfxai.bench.product import SPACES
from vfxai.color.config import find_config
from vfxai.image.clip import Clip
from vfxai.image.frame import Frame
from vfxai.models.pool import Pool
from vfxai.schema import registry
from vfxai.session.clips import MemoryClip, frame_of
from vfxai.session.session import Session
from vfxai.session.stage import Stage

SIDE = 32
SOME, MANY = 30, 45
"""Frames: after some every cache is full, and the others are so many that one plane of each would be seen."""


class Drawn(Clip):
    """Frames that are made when they are asked for, and not kept."""

    def __init__(self, count: int, matte: bool = False) -> None:
        self._count, self._matte = count, matte

    @property
    def frames(self) -> tuple[int, ...]:
        return tuple(range(1001, 1001 + self._count))

    def __getitem__(self, number: int) -> Frame:
        y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
        if self._matte:
            wire = np.abs(y - 15 - 3 * np.sin(number / 3)) < 1.5
            return frame_of(np.repeat(wire[..., None], 3, 2).astype(np.float32), "")
        wave = 0.4 + 0.2 * np.sin((x + number / 4) / 5) * np.cos(y / 6)
        return frame_of(np.stack([wave] * 3, -1), SPACES["display"])


def held() -> int:
    """Samples in all tensors that are alive."""
    gc.collect()
    return sum(o.numel() for o in gc.get_objects() if type(o) is torch.Tensor)


def stages() -> Iterator[Stage]:
    registry.discover()
    key = frame_of(Drawn(1)[1001].color.numpy().transpose(1, 2, 0) * np.float32([1, 0.6, 0.4]), "")
    options = {"colorize": {"steps": 2}, "remove": {"search": 3}, "wires": {"form": "channel"}}
    for name in ("remove", "colorize", "wires", "denoise"):
        kind = registry.get(name)
        fed = {"mask": Drawn(MANY, True)} if kind.masks() else {}
        yield Stage(kind(**options.get(name, {})), fed | ({"key": MemoryClip({1001: key})} if name == "colorize" else {}))


@pytest.mark.parametrize("index", range(4))
def test_no_more_is_held_after_many_frames_than_after_some(index: int) -> None:
    stage = list(stages())[index]
    clip = Session(Drawn(MANY), [stage], pool=Pool(device="cpu"), config=find_config()).clip()
    counts = []
    for number in clip.frames:
        clip[number]
        if number in (1000 + SOME, 1000 + MANY):
            counts.append(held())
    assert counts[1] < counts[0] + 6 * SIDE * SIDE
