from pathlib import Path

import cv2
import numpy as np
import pytest

from vfxai.train.drawn import FAMILIES, draw, draw_dead_leaves, draw_one
from vfxai.train.materials import defocused, film_color, palette, shading, spectral_noise
from vfxai.train.pictures import Sources, load_pictures


@pytest.mark.parametrize("family", FAMILIES)
def test_a_picture_follows_its_index_and_shows_something(family: str) -> None:
    one, same, other = (draw_one(family, index, 128) for index in (3, 3, 4))
    assert one.shape == (128, 128, 3)
    assert one.dtype == np.uint8
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.std() > 2


@pytest.mark.parametrize("family", FAMILIES)
def test_values_are_in_range_before_they_are_stored(family: str) -> None:
    for index in range(4):
        picture = FAMILIES[family](96, np.random.default_rng(index))
        assert picture.dtype == np.float32
        assert np.isfinite(picture).all()
        assert -0.01 <= picture.min() <= picture.max() <= 1.5  # the light may go a little above white; storing clips it


def test_the_counts_of_a_configuration_are_drawn() -> None:
    counts = {**Sources().drawn(), "dead_leaves": 1, "wires": 2}
    drawn = list(draw(counts))
    assert len(drawn) == 3
    assert np.array_equal(drawn[0], next(draw_dead_leaves(1)))
    assert set(Sources().drawn()) == set(FAMILIES)


def test_a_gradient_has_no_bands() -> None:
    rows = np.linspace(0.4, 0.42, 512, dtype=np.float32)[:, None, None] * np.ones((1, 64, 3), np.float32)
    stored = np.floor(rows * 255 + np.random.default_rng(0).random(rows.shape, np.float32))
    assert np.abs(stored.mean((1, 2)) / 255 - rows[:, 0, 0]).max() < 0.4 / 255
    sky = FAMILIES["gradients"](256, np.random.default_rng(2))
    assert np.median(np.abs(np.diff(sky, axis=0))) < 1.5 / 255


def test_noise_has_the_stated_spectrum() -> None:
    spectrum = np.abs(np.fft.rfft2(np.mean([spectral_noise(256, 1.0, np.random.default_rng(s)) for s in range(8)], 0)))
    low, high = (spectrum[0, k : k + 8].mean() for k in (8, 64))
    assert low / high == pytest.approx(6, rel=0.4)  # amplitudes as 1 / frequency: about (64 + 4) / (8 + 4)


def test_a_defocused_highlight_is_a_disc_of_the_same_light() -> None:
    picture = np.zeros((65, 65, 3), np.float32)
    picture[32, 32] = 5
    disc = defocused(picture, 9.0) ** 2.2
    assert disc.sum() == pytest.approx(3 * 5**2.2, rel=1e-3)
    assert disc[32, 32, 0] == pytest.approx(disc[32, 38, 0], rel=1e-3)
    assert disc[32, 45, 0] == pytest.approx(0, abs=1e-6)


def test_film_keeps_the_range_and_the_order_of_gray() -> None:
    wedge = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], 3, 2)
    for seed in range(20):
        shown = film_color(np.repeat(wedge, 8, 0), np.random.default_rng(seed))
        assert 0 <= shown.min() <= shown.max() <= 1
        assert (np.diff(shown[4], axis=0) > -1e-4).all()


def test_colors_and_light_are_in_range() -> None:
    colors = palette(200, np.random.default_rng(0))
    assert 0 <= colors.min() <= colors.max() <= 1
    light = shading(64, np.random.default_rng(1))
    assert 0.2 < light.min() <= light.max() < 1.6


def test_rendered_clips_are_pictures_and_clips(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in (
        "data/photos/a",
        "data/photos/b",
        "renders/scene_00_000/scene_00_000.1001",
        "renders/scene_00_000/scene_00_000.1002",
    ):
        path = tmp_path / f"{name}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), rng.integers(0, 255, (40, 48, 3), np.uint8), [cv2.IMWRITE_WEBP_QUALITY, 101])
    (tmp_path / "data/video").mkdir()
    (tmp_path / "renders/scenes.json").write_text("{}")
    without = load_pictures(tmp_path / "data", Sources(dead_leaves=0))
    found = load_pictures(tmp_path / "data", Sources(dead_leaves=0, renders=str(tmp_path / "renders")))
    assert [len(clip) for clip in found.renders] == [2]
    assert len(found.train) == len(without.train) + 1
    assert np.array_equal(found.train[-1], found.renders[0][1])
    with pytest.raises(ValueError, match="holds no clips"):
        load_pictures(tmp_path / "data", Sources(renders=str(tmp_path / "nothing")))
