"""Do no harm: what each node promises, in its own measure. Each node's tests go further; here all promises stand together. Plates are drawn here."""

import cv2
import numpy as np
import pytest

from vfxai.bench.interlace import interlaced
from vfxai.bench.product import through
from vfxai.measure.metrics import psnr
from vfxai.nodes.colorize import Colorize
from vfxai.nodes.deinterlace import Deinterlace
from vfxai.nodes.denoise import Denoise
from vfxai.nodes.remove import Remove
from vfxai.nodes.tone import Tone
from vfxai.nodes.upscale import Upscale

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
TEXTURES = ("waves", "gravel", "fibres", "stars", "render", "jpeg", "letterbox", "tiny")


def scene(shift: float = 0.0, height: int = 96, width: int = 128) -> np.ndarray:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x = x + shift
    light = 0.4 + 0.15 * np.sin(x / 9) * np.cos(y / 7) + 0.1 * (((x // 16) + (y // 16)) % 2)
    return np.stack([light, 0.8 * light + 0.05, 0.6 * light + 0.1 * y / height], -1).astype(np.float32)


def textured(kind: str) -> np.ndarray:
    """A picture without noise of a kind that could be taken for it."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:128, :160].astype(np.float32)
    hue = np.array([1.0, 0.85, 0.6], np.float32)
    if kind == "waves":
        return ((0.4 + 0.1 * np.sin(x * 1.3 + 3 * np.sin(y / 6)) * np.sin(y * 0.9))[..., None] * hue).astype(np.float32)
    if kind == "gravel":
        stones = cv2.resize(rng.random((64, 80, 1)).astype(np.float32), (160, 128), interpolation=cv2.INTER_CUBIC)
        return ((0.2 + 0.6 * stones)[..., None] * hue).astype(np.float32)
    if kind == "fibres":
        return ((0.3 + 0.08 * np.sin(x * 2.1) + 0.08 * np.sin(y * 1.8 + x / 5))[..., None] * hue).astype(np.float32)
    if kind == "stars":
        sky = np.full((128, 160, 3), 0.02, np.float32)
        sky[rng.integers(0, 128, 150), rng.integers(0, 160, 150)] = rng.random((150, 1)).astype(np.float32)
        return cv2.GaussianBlur(sky, (0, 0), 0.6)
    if kind == "render":
        return np.repeat(np.repeat(scene()[::8, ::8], 8, 0), 8, 1)
    if kind == "jpeg":
        stored = cv2.imencode(".jpg", (textured("waves") * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
        return np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.float32) / 255
    if kind == "letterbox":
        picture = textured("gravel")
        picture[:24] = picture[-24:] = 0
        return picture
    return scene(0, 12, 17)


@pytest.mark.parametrize("kind", TEXTURES)
def test_denoise_gives_a_clean_plate_back(kind: str) -> None:
    plate = textured(kind)
    assert min(psnr(through(Denoise(), [plate])[0], plate), 99) >= 55


@pytest.mark.parametrize("sigma", [0.02, 0.08])
def test_denoise_is_nearer_to_the_scene_than_the_plate_and_shifts_no_tone(sigma: float) -> None:
    clean = scene(0, 128, 160)
    noisy = clean + sigma * np.random.default_rng(0).standard_normal(clean.shape).astype(np.float32)
    made = through(Denoise(), [noisy])[0]
    assert psnr(made, clean) > psnr(noisy, clean) + 3
    assert np.abs(cv2.GaussianBlur(made - noisy, (0, 0), 32)).max() < 0.1 * sigma


def test_upscale_reduced_again_is_the_plate() -> None:
    plate = scene()
    large = through(Upscale(scale=2.0), [plate])[0]
    reduced = large.reshape(96, 2, 128, 2, 3).mean((1, 3))
    assert psnr(reduced, plate) > 40


def test_deinterlace_keeps_the_lines_that_were_scanned() -> None:
    pictures = [scene(3.0 * i) for i in range(12)]
    for index, (made, truth) in enumerate(
        zip(through(Deinterlace(field_order="top"), interlaced(pictures)), pictures, strict=True)
    ):
        assert np.array_equal(made[index % 2 :: 2], truth[index % 2 :: 2])


def test_remove_touches_nothing_outside_the_matte() -> None:
    plates = [scene(2.0 * i) for i in range(3)]
    matte = np.zeros((96, 128), np.float32)
    matte[40:50, 30:60] = 1
    for made, plate in zip(through(Remove(), plates, mattes={"mask": [matte] * 3}), plates, strict=True):
        touched = np.abs(made - plate).max(2) > 0
        near = cv2.dilate(matte, np.ones((17, 17), np.uint8)) > 0
        assert not (touched & ~near).any()


def test_colorize_keeps_the_luminance() -> None:
    gray = [np.repeat((scene(2.0 * i) @ LUMA)[..., None], 3, 2).astype(np.float32) for i in range(4)]
    made = through(Colorize(steps=0), gray, pictures={"key": {1001: scene(0.0)}})
    for result, plate in zip(made, gray, strict=True):
        assert np.abs(result @ LUMA - plate[..., 0]).max() < 2e-3


def test_tone_is_monotone() -> None:
    before = scene()
    after = np.clip(before, 0, 1) ** 1.3 * np.array([1.1, 1.0, 0.9], np.float32)
    ramp = np.repeat(np.linspace(0, 1, 128, dtype=np.float32)[None, :, None], 96, 0).repeat(3, 2)
    made = through(Tone(), [before, ramp], pictures={"before": {1001: before}, "after": {1001: after.astype(np.float32)}})[1]
    assert (np.diff(made, axis=1) >= 0).all()
    assert made.max() > made.min() + 0.5
