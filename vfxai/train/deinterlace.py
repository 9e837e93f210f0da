"""The deinterlace network: the missing lines of a field, from it and the two fields before and after."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vfxai.fields.alignment import align_fields
from vfxai.image.fields import network_planes
from vfxai.train.arrays import Image, Picture
from vfxai.train.degradations import flickering
from vfxai.train.motion import moving_scene
from vfxai.train.pictures import HELD_OUT, load_pictures
from vfxai.train.task import Batch, Restore, Task, TrainConfig, log_squared, psnr, side_by_side, stacked

FIELDS = 5
"""That the network sees: two before its own and two after."""
FIELD_RATE = 50.0
"""Fields a second, for flicker."""
REACH = 10.0
"""Pixels a field that drawn things may move."""


class DeinterlaceTask(Task):
    """Interpolates the lines of a field that were not scanned."""

    flicker: ClassVar[float] = 0.1
    """Share of the scenes whose exposure wanders from field to field."""
    id, node, does = (
        "deinterlace-s",
        "deinterlace",
        "interpolates the missing lines of a field from five fields, aligned by motion",
    )
    encoding = "display-like values, about 0..1, logarithmic above; planes of half height, see vfxai.image.fields and vfxai.fields.alignment"
    architecture, planes, channels_out, window = "unet", 18, 3, FIELDS
    receptive_field = 48
    fails = (
        "Where motion is not found (things faster than about 40 pixels a field, repeated patterns, splashes) lines are interpolated from the one field, so fine "
        "horizontal detail there is soft or jagged. Interlacing of chroma only (4:2:0 upsampled wrongly) is not recognised."
    )
    default = TrainConfig(widths=(48, 96, 128), blocks=(2, 2, 2), crop=112, batch=8, steps=16_000)

    def load(self, data: Path) -> None:
        """Runs of five frames, each frame taken as the time of one field, and stills under a moving camera."""
        pictures = load_pictures(data, self.config)
        self.stills, self.held_stills = pictures.train, pictures.validation
        clips, renders = (
            [np.stack(c[:FIELDS]) for c in found if len(c) >= FIELDS] for found in (pictures.clips, pictures.renders)
        )
        self.clips = [c for i, c in enumerate(clips) if i % HELD_OUT] + renders
        self.held_clips = clips[::HELD_OUT]

    def batch(self, seed: int, step: int) -> Batch:
        """Five fields, and the lines that the middle one lacks."""
        rng = np.random.default_rng((seed, step))
        return stacked(_pair(self._scene(rng), rng) for _ in range(self.config.batch))

    def _scene(self, rng: np.random.Generator) -> Image:
        side = self.config.crop
        if self.clips and rng.random() < 0.5:
            clip = self.clips[rng.integers(len(self.clips))]
            y, x = (int(rng.integers(0, extent - side + 1)) for extent in clip.shape[1:3])
            scene = _scene_of(clip[:, y : y + side, x : x + side])
            scene = scene[::-1] if rng.random() < 0.5 else scene
            if rng.random() < 0.1:
                scene = np.repeat(scene[2:3], FIELDS, 0)
        else:
            scene = moving_scene(self.stills, side, side, FIELDS, REACH, rng)
        scene = scene[..., ::-1] if rng.random() < 0.5 else scene
        scene = scene[..., ::-1, :] if rng.random() < 0.5 else scene
        scene = flickering(scene, FIELD_RATE, rng) if rng.random() < self.flicker else scene
        return np.ascontiguousarray(scene[:, rng.permutation(3)])

    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """PSNR, up to 60 dB: detail that the neighbouring fields determine counts beside motion that can only be guessed."""
        return log_squared(result, target, 1e-6)

    def score(self, restore: Restore) -> dict[str, float]:
        """PSNR of interpolated lines on held-out clips, and on held-out stills under a slow camera."""
        clips = [_lines(_scene_of(c)) for c in self.held_clips]
        scores = {"psnr_clips": float(np.mean([psnr(restore(p), truth) for p, truth in clips]))} if clips else {}
        pans = []
        for index, still in enumerate(self.held_stills[:8]):
            rng = np.random.default_rng(index)
            side = min(*still.shape[:2], 256) // 2 * 2
            pans.append(_lines(moving_scene((still,), side, side, FIELDS, 3.0, rng)))
        scores["psnr_moving_stills"] = float(np.mean([psnr(restore(p), truth) for p, truth in pans]))
        return scores

    def show(self, restore: Restore) -> Picture:
        """The average of the neighbouring fields, the network and the truth, on the lines in question."""
        still = self.held_stills[0]
        side = min(*still.shape[:2], 256) // 2 * 2
        planes, truth = _lines(moving_scene((still, self.held_stills[-1]), side, side, FIELDS, 6.0, np.random.default_rng(5)))
        return side_by_side(planes[:3], restore(planes), truth)


def _scene_of(clip: NDArray[np.uint8]) -> Image:
    """(frames, H, W, 3) of 8 bits as (frames, 3, H, W), 0..1."""
    return np.ascontiguousarray(clip.transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(255)


def _lines(scene: Image) -> tuple[Image, Image]:
    """Network planes and truth of (5, 3, H, W) for the middle frame, whose even lines were scanned."""
    return _planes(scene), _missing(scene)


def _planes(scene: Image) -> Image:
    """Network planes of (5, 3, H, W); H is made even."""
    height = scene.shape[2] // 2 * 2
    fields = [torch.from_numpy(np.ascontiguousarray(frame[:, i % 2 : height : 2])) for i, frame in enumerate(scene)]
    return np.asarray(network_planes(align_fields(fields)).numpy(), np.float32)


def _missing(scene: Image) -> Image:
    """The odd lines of the middle frame, which were not scanned."""
    return np.ascontiguousarray(scene[FIELDS // 2][:, 1::2])


def _pair(scene: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """With the defects of real fields: vertical filtering of a camera, noise."""
    if rng.random() < 0.15:
        share = np.float32(rng.uniform(0.05, 0.25))
        above, below = np.roll(scene, 1, 2), np.roll(scene, -1, 2)
        above[:, :, 0], below[:, :, -1] = scene[:, :, 0], scene[:, :, -1]
        scene = scene * (1 - 2 * share) + share * (above + below)
    seen = scene
    if rng.random() < 0.15:
        seen = scene + rng.standard_normal(scene.shape, dtype=np.float32) * np.float32(rng.uniform(0, 0.02))
    return _planes(seen), _missing(scene)
