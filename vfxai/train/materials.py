"""What drawn pictures are made of: noise with natural statistics, colours, relief, materials, perspective, the colour of film.

Pictures here are (H, W, 3) float32, R G B, display-referred, 0..1; maps are (H, W) float32. Everything is a function of its generator.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
Canvas = NDArray[np.float32]
GAMMA = 2.2
"""Of the display, for what must be added up as light."""


def spectral_noise(size: int, slope: float, rng: np.random.Generator, stretch: float = 1.0) -> Map:
    """Gaussian noise whose amplitude falls as frequency**-slope (natural pictures: about 1), of mean 0 and deviation 1.

    It is `stretch` times as long as wide, in a random direction.
    """
    y, x = np.meshgrid(np.fft.fftfreq(size), np.fft.rfftfreq(size), indexing="ij")
    angle = rng.uniform(0, np.pi)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    frequency = np.hypot(along * stretch, across)
    frequency[0, 0] = np.inf
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) * frequency**-slope, (size, size))
    return np.asarray((noise - noise.mean()) / noise.std(), np.float32)


def palette(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(count, 3) colours of one mood: levels far apart; tints that they mostly share, along daylight (orange to blue) more than across it."""
    levels = rng.uniform(0.04, 0.96, (count, 1))
    amounts = rng.normal(0, (0.09, 0.025), 2) + rng.normal(0, rng.uniform(0, 1), (count, 2)) * (0.1, 0.04)
    tint = amounts @ np.array([[1.0, 0.1, -1.1], [-0.5, 1.0, -0.5]])
    return np.clip(levels + tint, 0, 1).astype(np.float32)


def colored(value: Map, colors: NDArray[np.float32]) -> Canvas:
    """A map (0..1) through a row of colours (N, 3)."""
    stops = np.linspace(0, 1, len(colors))
    return np.stack([np.interp(value, stops, colors[:, c]) for c in range(3)], -1).astype(np.float32)


def ramp(value: Map, sharpness: float) -> Map:
    """A map of mean 0 and deviation 1 to 0..1, the steeper the sharper."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * sharpness * value), np.float32)


def cells(size: int, rng: np.random.Generator) -> tuple[Map, Map]:
    """Voronoi cells as of stones, leather or cracked paint: a random number 0..1 a cell, and the distance to its centre in cell sizes."""
    count = int(rng.integers(60, 1500))
    points = np.ones((size, size), np.uint8)
    points[tuple(rng.integers(0, size, (2, count)))] = 0
    distance, labels = cv2.distanceTransformWithLabels(points, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    tones = rng.random(int(labels.max()) + 1, dtype=np.float32)
    return tones[labels], np.asarray(distance / (size / np.sqrt(count)), np.float32)


def relief(picture: Canvas, height: Map, depth: float, rng: np.random.Generator) -> Canvas:
    """Lights a picture from one side as if it had this height, in pixels times `depth`."""
    angle = rng.uniform(0, 2 * np.pi)
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0) * np.cos(angle) + cv2.Sobel(height, cv2.CV_32F, 0, 1) * np.sin(angle)
    shade = np.clip(1 + depth * slope, 0.15, 2.2)[..., None]
    return np.asarray(np.clip(picture * shade ** (1 / GAMMA), 0, 1), np.float32)


def material(size: int, rng: np.random.Generator) -> Canvas:
    """A surface without things on it: cloudy, veined, fibrous, of cells, or rough."""
    kind = rng.integers(5)
    rough = spectral_noise(size, rng.uniform(1.0, 1.8), rng)
    if kind == 0:
        height = rough
    elif kind == 1:  # marble, cracks: where two noises cross zero
        veins = spectral_noise(size, rng.uniform(1.5, 2.2), rng)
        height = np.asarray(1 - 2 * np.abs(veins) ** rng.uniform(0.3, 0.8), np.float32)
    elif kind == 2:  # wood, hair, brushed metal
        height = spectral_noise(size, rng.uniform(1.0, 1.7), rng, stretch=rng.uniform(4, 25))
    elif kind == 3:
        tone, distance = cells(size, rng)
        height = (tone - np.float32(0.5)) * np.float32(rng.uniform(0.5, 3)) - distance * np.float32(rng.uniform(0, 2))
    else:
        height = spectral_noise(size, rng.uniform(0.7, 1.1), rng)
    height = np.asarray(height + rng.uniform(0, 0.4) * rough, np.float32)
    picture = colored(ramp(height, rng.uniform(0.5, 2)), palette(int(rng.integers(2, 5)), rng))
    return relief(picture, height, rng.uniform(0, 0.5), rng) if rng.random() < 0.6 else picture


def shading(size: int, rng: np.random.Generator) -> Map:
    """Light that falls off smoothly across the picture, about 0.3..1.2."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / np.float32(size) - np.float32(0.5)
    angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.7)
    side = strength * (x * np.cos(angle) + y * np.sin(angle))
    vignette = rng.uniform(0, 0.7) * (x**2 + y**2)
    return np.asarray(1 + side - vignette, np.float32)


def perspective(picture: Canvas, strength: float, rng: np.random.Generator) -> Canvas:
    """Seen from a random side, by a quadrilateral whose corners lie up to `strength` of the side inward; half the size each way."""
    size = picture.shape[0]
    corners = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    seen = corners + rng.uniform(-0.5 * strength, strength, (4, 2)).astype(np.float32) * size * np.sign(corners - size / 2)
    turned = cv2.getRotationMatrix2D((size / 2, size / 2), rng.normal(0, 12), 1.15)
    matrix = np.vstack([turned, [0, 0, 1]]) @ cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    moved = cv2.warpPerspective(picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(cv2.resize(moved, (size // 2, size // 2), interpolation=cv2.INTER_AREA), np.float32)


def defocused(picture: Canvas, radius: float) -> Canvas:
    """Blurred by a disc of `radius` pixels, as a lens does it: light is added up, so highlights become discs. Values may exceed 1."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(y, x), 0, 1).astype(np.float32)
    light = cv2.filter2D(picture**GAMMA, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(np.maximum(light, 0) ** (1 / GAMMA), np.float32)


def film_color(picture: Canvas, rng: np.random.Generator) -> Canvas:
    """As a print would show it: exposure, dyes that absorb neighbouring colours too, an S-curve of density a layer, halation."""
    light = np.maximum(picture, 0) ** GAMMA * 2 ** rng.normal(0, 0.5)
    if rng.random() < 0.3:  # light that passes the layers is thrown back by the base, and reddens what is around highlights
        bright = cv2.GaussianBlur(np.maximum(light - 0.5, 0), (0, 0), rng.uniform(2, 8))
        light = light + bright * np.array([0.5, 0.15, 0.03], np.float32)
    crosstalk = rng.uniform(-0.15, 0.15)
    light = np.maximum(light * (1 - crosstalk) + crosstalk * light.mean(-1, keepdims=True), 0)
    middle, contrast = 0.18 * 2 ** rng.normal(0, 0.15, 3), rng.uniform(1.0, 1.6) * (1 + rng.normal(0, 0.05, 3))
    print_through = light**contrast / (
        light**contrast + (middle ** (contrast - 1) * (1 - middle))
    )  # keeps the middle about where it is
    low, high = rng.uniform(0, 0.03, 3), 1 - rng.uniform(0, 0.06, 3)  # base density and paper white differ a little by layer
    return np.asarray(np.clip(low + (high - low) * print_through ** (1 / GAMMA), 0, 1), np.float32)
