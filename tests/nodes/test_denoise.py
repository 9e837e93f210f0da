"""Denoising with the shipped networks: what highlights do to their surroundings. Plates are made here."""

import numpy as np
import pytest

from vfxai.bench.product import through
from vfxai.nodes.denoise import Denoise

SIGMA = 0.004
HIGHLIGHT = (slice(58, 64), slice(70, 78))


def plate(highlight: float) -> np.ndarray:
    pixels = np.full((128, 160, 3), 0.2, np.float32)
    pixels[HIGHLIGHT] = highlight
    return pixels + np.random.default_rng(0).normal(0, SIGMA, pixels.shape).astype(np.float32)


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return through(Denoise(radius=0), [plate(0.2)], "scene-linear")[0]


@pytest.mark.parametrize("highlight", [5.0, 50.0, 60000.0])
def test_a_highlight_spoils_nothing_around_it(highlight: float, plain: np.ndarray) -> None:
    noisy = plate(highlight)
    result = through(Denoise(radius=0), [noisy], "scene-linear")[0]
    y, x = np.mgrid[:128, :160]
    away = np.maximum(np.maximum(58 - y, y - 63), np.maximum(70 - x, x - 77))
    change = np.abs(result - plain) / SIGMA  # of what is dark, by the highlight alone
    assert change[away > 0].max() < 4, "at the very edge a little more than the noise that was there"
    assert change[away > 25].max() < 0.3
    assert np.abs(result - noisy)[HIGHLIGHT].max() < 4 * SIGMA + 2e-6 * highlight
    assert np.abs(plain - 0.2).std() < 0.3 * SIGMA, "there was noise, and it went"
