"""Held and repeated frames whose copies a codec or new grain made a little unlike: they are no further looks, and never harm.

`denoise` knows the noise and tells such copies (vfxai.motion.noise_fusion); the other nodes with a temporal window do not have to, which is held here.
"""

import cv2
import numpy as np
import pytest
import torch

from vfxai.bench.product import SPACES, applied
from vfxai.nodes.colorize import Colorize
from vfxai.nodes.deinterlace import Deinterlace
from vfxai.nodes.upscale import Upscale
from vfxai.removal.background import BackgroundSearch, HiddenPart
from vfxai.schema.node import Node
from vfxai.session.clips import frame_of

GRAIN = 1.5 / 255


def scene(height: int = 64, width: int = 96) -> np.ndarray:
    rng = np.random.default_rng(5)
    parts = [
        cv2.resize(rng.random((height // s, width // s, 3), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        for s in (4, 16)
    ]
    return np.asarray((0.2 + 0.3 * parts[0] + 0.3 * parts[1]).clip(0, 1), np.float32)


def coded(picture: np.ndarray, seed: int, how: str) -> np.ndarray:
    """A copy of a frame as a codec of 8 bits gives it, or under grain of its own."""
    other = picture + GRAIN * np.random.default_rng(seed).standard_normal(picture.shape).astype(np.float32)
    if how == "grain":
        return other
    _, data = cv2.imencode(".jpg", (other.clip(0, 1) * 255 + 0.5).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return cv2.imdecode(data, cv2.IMREAD_COLOR).astype(np.float32) / 255


def made(node: Node, plates: list[np.ndarray], at: int = 2, key: np.ndarray | None = None) -> np.ndarray:
    inputs = {} if key is None else {"key": {1001: frame_of(key, SPACES["display"])}}
    clip = applied(node, [frame_of(p, SPACES["display"]) for p in plates], inputs=inputs)
    return np.asarray(clip[1001 + at].color.numpy().transpose(1, 2, 0))


def error(result: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(((result - truth)[8:-8, 8:-8] ** 2).mean()))


@pytest.mark.parametrize("how", ["codec", "grain"])
def test_upscale_and_deinterlace_are_not_worse_for_copies(how: str) -> None:
    large = scene()
    small = cv2.resize(large, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    held = [coded(small, seed, how) for seed in range(5)]
    assert error(made(Upscale(radius=2), held), large) <= 1.01 * error(made(Upscale(radius=0), held), large)
    fields = [coded(large, seed, how) for seed in range(5)]
    woven = made(Deinterlace(mode="deinterlace", rate="same", field_order="top"), fields)
    assert error(woven, large) <= 1.05 * error(fields[2], large)


def test_colorize_is_not_worse_for_copies() -> None:
    true = scene()
    gray = np.repeat((true @ np.float32([0.2126, 0.7152, 0.0722]))[..., None], 3, -1)
    same = made(Colorize(steps=0), [gray] * 5, key=true)
    other = [gray + np.repeat((coded(true, seed, "grain") - true)[..., :1], 3, -1) for seed in range(5)]
    result = made(Colorize(steps=0), [gray, *other[1:]], key=true)
    assert error(result - other[2], true - gray) <= error(same - gray, true - gray) + GRAIN


def test_remove_does_not_look_at_a_copy_that_hides_the_same() -> None:
    hidden = torch.zeros(1, 64, 96)
    hidden[:, 20:40, 30:50] = 1
    picture = torch.from_numpy(scene().transpose(2, 0, 1).copy())
    search = BackgroundSearch(HiddenPart(picture, hidden, (0, 0)))
    assert search.gain(hidden, np.eye(3), 3) == 0
    assert search.gain(torch.zeros_like(hidden), np.eye(3), 3) == 1
