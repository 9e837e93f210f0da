"""What looks like a line in a picture, and what looks like one wire: dark and bright ridges, and their tones."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vfxai.removal.curves import CAP, Plane, Polyline, normals, sampled

SCALES = (0.8, 1.4, 2.2)
"""Standard deviations of the ridge filters, pixels: wires of about 1 to 6 pixels."""
CLUTTER, CLUTTER_PART = 31, 1.5
"""Side in pixels of what is around a point, and the part of its mean that passes for noise: leaves and gravel are full of short lines."""
BESIDE = 7
"""Pixels from the middle of a wire to what is beside it."""
LIKENESS = 0.35
"""Part of a wire's contrast by which its tone varies along it (standard deviation): light changes, and a thin wire mixes with what is behind it."""
FAINT = 1e-3
"""Part of the brightest level that passes for noise where a rendered picture has none."""
STRANGER = 0.1
"""Part of its response that a ridge of quite another tone keeps."""
AIM, SURE = 3, 1.2
"""Pixels around a point in which the wire that was meant is looked for, and how far (standard deviation) people miss it."""


@dataclass(frozen=True)
class WireTone:
    """How a wire looks, by which it is told from other lines."""

    color: NDArray[np.float32]
    """(3,)."""
    contrast: float
    """Root mean square difference to what is beside it, over the channels and along the wire."""


@dataclass(frozen=True)
class Ridges:
    """Lines of a picture."""

    picture: NDArray[np.float32]
    """(H, W, 3)."""
    luminance: Plane
    """The mean of its channels (H, W), whose lines these are."""
    dark: Plane
    """(H, W): how much each pixel looks like the middle of a dark line, in units of the noise of this response, not below 0."""
    bright: Plane
    """The same of bright lines."""

    @classmethod
    def of(cls, picture: NDArray[np.float32]) -> "Ridges":
        """The ridges of the mean of the channels of a picture (H, W, 3)."""
        luminance = picture.mean(2)
        dark = bright = np.zeros_like(luminance)
        for scale in SCALES:
            soft = cv2.GaussianBlur(luminance, (0, 0), scale)
            orders = (((2, 0), 0.25), ((0, 2), 0.25), ((1, 1), 0.25))
            xx, yy, xy = (cv2.Sobel(soft, cv2.CV_32F, *order, ksize=3, scale=f) for order, f in orders)
            mean, spread = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
            across, along = mean + spread, mean - spread  # a line bends across and not along, a blob both ways
            dark = np.maximum(dark, scale**1.5 * (across - np.abs(along)))
            bright = np.maximum(bright, scale**1.5 * (-along - np.abs(across)))
        usual = float(np.median(np.concatenate([dark[::3, ::3].ravel(), bright[::3, ::3].ravel()])))
        noise = max(3 * usual, FAINT * float(np.percentile(luminance[::3, ::3], 99)), 1e-7)
        return cls(picture, luminance, dark / noise, bright / noise)

    def clear(self) -> tuple[Plane, Plane]:
        """Response to dark and to bright lines (H, W) above the clutter around."""
        return _over_clutter(self.dark), _over_clutter(self.bright)

    def toned(self, tone: WireTone) -> Plane:
        """Response (H, W) to lines of a tone above the like around, be they darker or brighter than what is behind them."""
        away = ((self.picture - tone.color) ** 2).mean(2)
        alike = np.exp(-away / (2 * (LIKENESS * tone.contrast) ** 2 + 1e-12))
        alike = cv2.dilate(np.asarray(alike, np.float32), np.ones((3, 3), np.uint8))  # the middle may lie between two pixels
        return _over_clutter(np.maximum(self.dark, self.bright) * (STRANGER + (1 - STRANGER) * alike))

    def tone_at(self, point: Polyline) -> WireTone | None:
        """That of the clearest ridge by a point (2,), the nearer the better; None outside the picture."""
        height, width = self.dark.shape
        x, y = (round(float(v)) for v in point)
        if not (0 <= x < width and 0 <= y < height):
            return None
        top, left = max(y - AIM, 0), max(x - AIM, 0)
        dark, bright = (plane[top : y + AIM + 1, left : x + AIM + 1] for plane in (self.dark, self.bright))
        near = np.minimum(np.maximum(dark, bright), CAP)
        rows, columns = (np.arange(start, start + n) - at for start, n, at in zip((top, left), near.shape, (y, x), strict=True))
        near = near * np.exp(-(rows[:, None] ** 2 + columns**2) / (2 * SURE**2))
        row, column = np.unravel_index(int(near.argmax()), near.shape)
        turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        middle = np.array([left + column, top + row], np.float64)
        around = middle + BESIDE * np.stack([np.cos(turn), np.sin(turn)], 1)
        return self._tone(self.picture[top + row, left + column], around)

    def tone_along(self, path: Polyline) -> WireTone:
        """That of most of a path."""
        color = np.median(self._at(path), 0).astype(np.float32)
        return self._tone(color, np.concatenate([path + s * BESIDE * normals(path) for s in (-1, 1)]))

    def _tone(self, color: NDArray[np.float32], beside: Polyline) -> WireTone:
        """Of a wire of a color, by what is at points beside it."""
        return WireTone(color, float(np.sqrt(np.median(((self._at(beside) - color) ** 2).mean(1)))))

    def _at(self, points: Polyline) -> NDArray[np.float32]:
        """Colours (N, 3) at points (N, 2), those at the edge beyond it."""
        height, width = self.dark.shape
        inside = points.clip(0, (width - 1, height - 1))
        return np.stack([sampled(np.ascontiguousarray(self.picture[..., c]), inside) for c in range(3)], -1)


def _over_clutter(response: Plane) -> Plane:
    """A response (H, W) divided by what is usual around, where that is more than noise."""
    usual = cv2.blur(np.minimum(response, CAP), (CLUTTER, CLUTTER))
    return np.asarray(response / np.maximum(usual * CLUTTER_PART, 1), np.float32)
