"""What remove learns from a whole shot: the motion of its camera, its cuts, its grain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vfxai.errors import ParameterError, reason
from vfxai.image.clip import align, coverage
from vfxai.image.fill import smooth_fill
from vfxai.motion.camera import Homography, camera_motion, moved_origin
from vfxai.motion.cuts import is_cut
from vfxai.noise.meter import scaled
from vfxai.noise.plate_noise import told_from_texture
from vfxai.noise.profile import NoiseProfile

if TYPE_CHECKING:
    from torch import Tensor

    from vfxai.image.box import Box
    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame
    from vfxai.schema.tools import Tools

ANCHOR_EVERY = 24
"""Frames between those in which invented parts are made; what lies between takes them over, and so do later ones. A second of film: what is made up stands
still for so long at least."""
GRAIN_FRAMES = 3
"""Frames of which the grain is measured: begin, middle and end of a shot."""


@dataclass(frozen=True)
class ShotMotion:
    """How the camera moves through a shot, where it cuts, and how the grain is."""

    frames: tuple[int, ...]
    camera: tuple[tuple[float, ...], ...]
    """Homography from each frame to the next, nine numbers row by row, in the pixel coordinates of the plate's windows."""
    cuts: tuple[int, ...]
    """First frame of every scene but the first."""
    grain: NoiseProfile

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file."""
        return {
            "frames": list(self.frames),
            "camera": [[round(v, 9) for v in m] for m in self.camera],
            "cuts": list(self.cuts),
            "grain": self.grain.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ShotMotion:
        """From what to_dict() gave; ParameterError where it is something else."""
        try:
            frames, cuts = (tuple(int(f) for f in data[name]) for name in ("frames", "cuts"))
            camera = tuple(tuple(float(v) for v in m) for m in data["camera"])
            if len(camera) != len(frames) - 1 or any(len(m) != 9 for m in camera):
                raise ValueError("camera: expected nine numbers for each step between two frames")
            return cls(frames, camera, cuts, NoiseProfile.from_dict(data["grain"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ParameterError(
                f"this is no analysis of remove: {reason(error)}",
                remedy="measure again, or give a file that remove wrote with --analysis",
            ) from error

    def scene(self, number: int) -> tuple[int, ...]:
        """The frames of the scene of a frame."""
        first = max((c for c in self.cuts if c <= number), default=self.frames[0])
        after = min((c for c in self.cuts if c > number), default=self.frames[-1] + 1)
        return tuple(f for f in self.frames if first <= f < after)

    def anchors(self, number: int) -> tuple[int, ...]:
        """The frames of the scene of a frame in which invented parts are made."""
        return self.scene(number)[::ANCHOR_EVERY]

    def anchor(self, number: int) -> int | None:
        """The frame before one from which invented parts are taken over; None in the first part of a scene."""
        return max((a for a in self.anchors(number) if a < number), default=None)

    def between(self, number: int, other: int, window: Box) -> Homography:
        """The homography from a frame to another one of its scene, in pixels of pictures that begin where a window does."""
        start, end = self.frames.index(number), self.frames.index(other)
        low, high = min(start, end), max(start, end)
        matrix: Homography = np.eye(3)
        for step in self.camera[low:high]:
            matrix = np.array(step).reshape(3, 3) @ matrix
        if end < start:
            matrix = np.asarray(np.linalg.inv(matrix), np.float64)
        return moved_origin(matrix, window.x, window.y)


def follow_camera(plate: Clip, hidden: Callable[[int, Frame], Tensor], tools: Tools) -> ShotMotion:
    """Follows the camera over a whole shot, with the covered parts left out; finds cuts; measures the grain.

    `hidden` gives (1, H, W), 1 where a pixel of a frame by its number is covered.
    """
    frames = plate.frames
    canvas = plate[frames[0]].data_window  # of other frames it may be another
    chosen = set(frames[:: max(1, len(frames) // GRAIN_FRAMES)][:GRAIN_FRAMES])
    camera, cuts = [], []
    sampled: list[Tensor] = []
    followers: list[Tensor | None] = []
    before: tuple[Tensor, Tensor] | None = None
    for done, number in enumerate(frames):
        tools.progress(done, len(frames), "following the camera")
        frame = plate[number]
        shown = align(replace(frame, layers={"known": 1 - hidden(number, frame)}), canvas)
        known = shown.layers["known"] * coverage(frame, canvas)
        scene = smooth_fill(shown.color, known)  # what stands in the way must not make two scenes alike
        if before is not None:
            step = moved_origin(camera_motion(before[0], scene, before[1], known), -canvas.x, -canvas.y)
            camera.append(tuple(float(v) for v in step.flatten()))
            if is_cut(before[0], scene):
                cuts.append(number)
        if followers and followers[-1] is None:
            followers[-1] = frame.color.expand(3, -1, -1)
        if number in chosen:
            sampled.append(frame.color.expand(3, -1, -1))
            followers.append(None)
        before = scene, known
    tools.progress(len(frames), len(frames), "following the camera")
    grain = told_from_texture(sampled, followers, tools.run_model)
    return ShotMotion(frames, tuple(camera), tuple(cuts), grain if grain.is_certain else scaled(grain, 0.0))
