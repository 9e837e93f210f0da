"""The luminance of a picture, and colours put on it without changing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from vfxai.color.chunked import pixels_in_chunks
from vfxai.color.curves import perceptual_curve, perceptual_inverse

LUMAS = {"rec709": (0.2126, 0.7152, 0.0722), "rec601": (0.299, 0.587, 0.114), "average": (1 / 3, 1 / 3, 1 / 3)}
"""Shares of R', G', B' in the luma of plates that are stored in a curve: ITU-R BT.709, BT.601, and what simple converters take."""

D65 = (0.3127, 0.329)
"""x and y of the white of video."""


@dataclass(frozen=True)
class Luminance:
    """What counts as the luminance of a plate. Pictures are in the PERCEPTUAL encoding, (C, H, W)."""

    weights: tuple[float, float, float]
    """Shares of red, green and blue; their sum is 1."""
    linear: bool
    """Whether it is a sum of light, as for scene-linear plates, and not of the values that a video plate stores."""

    def of(self, picture: Tensor) -> Tensor:
        """(1, H, W) float32 of a picture (3 or 1, H, W) in the plate's values; one of one channel is its own."""
        return picture if len(picture) == 1 else pixels_in_chunks(self._of, 1, picture)

    def chroma(self, picture: Tensor) -> Tensor:
        """(3, H, W): what a picture has beside its luminance; 0 where it is gray."""
        return picture.expand(3, -1, -1) - self.of(picture)

    def colored(self, luminance: Tensor, chroma: Tensor) -> Tensor:
        """(3, H, W) of a luminance (1, H, W) and a chroma (3, H, W).

        Its luminance is the given one exactly. Where a colour would become negative it is less saturated, and what is not above 0 stays gray;
        values in a video curve stay below white as well where their luminance does, and are gray above.
        """
        return pixels_in_chunks(self._colored, 3, luminance, chroma)

    def _of(self, picture: Tensor) -> Tensor:
        summed = self._sum(perceptual_inverse(picture) if self.linear else picture)
        return perceptual_curve(summed) if self.linear else summed

    def _colored(self, luminance: Tensor, chroma: Tensor) -> Tensor:
        if self.linear:
            light = perceptual_inverse(luminance)
            color = perceptual_inverse(luminance + chroma)
            return perceptual_curve(self._bounded(light, color - self._sum(color), None))
        return self._bounded(luminance, chroma - self._sum(chroma), 1.0)

    def _sum(self, planes: Tensor) -> Tensor:
        return sum((w * p for w, p in zip(self.weights, planes.double(), strict=True)), torch.zeros(())).float()[None]

    @staticmethod
    def _bounded(gray: Tensor, beside: Tensor, white: float | None) -> Tensor:
        share = gray.clamp_min(0) / (-beside.amin(0, keepdim=True)).clamp_min(1e-9)
        if white is not None:
            share = torch.minimum(share, (white - gray).clamp_min(0) / beside.amax(0, keepdim=True).clamp_min(1e-9))
        return torch.maximum(gray + share.clamp_max(1) * beside, gray.clamp_max(0))  # rounding may end just below

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"weights": list(self.weights), "linear": self.linear}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From what to_dict gave."""
        red, green, blue = map(float, data["weights"])
        return cls((red, green, blue), bool(data["linear"]))


def weights_of_primaries(chromaticities: Sequence[float]) -> tuple[float, float, float]:
    """Shares of red, green and blue in the luminance of a linear space, of the x and y of its primaries and white (SMPTE RP 177)."""
    xy = np.asarray(chromaticities, np.float64).reshape(4, 2)
    xyz = np.stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy.sum(1)) / xy[:, 1]])  # columns of unit luminance
    digits = 4 if tuple(xy[3]) == D65 else 7  # as ITU-R BT.709 and BT.2020 state theirs, by which others judge what was kept
    red, green, blue = np.linalg.solve(xyz[:, :3], xyz[:, 3]).round(digits)
    return float(red), float(green), float(blue)
