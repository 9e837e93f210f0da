"""The bench of noise as cameras, codecs and scanners make it; pictures are drawn here."""

from functools import partial

import numpy as np
import pytest

from tests.bench.fakes import blur
from vfxai.bench import footage, noise_kinds, quality_real
from vfxai.bench.methods import OURS
from vfxai.bench.pictures import Picture
from vfxai.measure.metrics import psnr
from vfxai.train import codecs

QUIET: list[str] = []
needs_av = pytest.mark.skipif(not codecs.available(), reason="PyAV (the extra bench) is not installed")


def scene(shift: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[:64, :80].astype(np.float32)
    light = 0.4 + 0.2 * np.sin((x + shift) / 6) * np.sin(y / 5)
    return np.stack([light, 0.9 * light + 0.05, 0.7 * light], 2).astype(np.float32)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def neighbours(field: np.ndarray) -> float:
    """Correlation of horizontally adjacent values."""
    return float((field[:, 1:] * field[:, :-1]).mean() / np.square(field).mean())


def test_noise_is_of_the_kind_that_is_asked_for() -> None:
    soft = noise_kinds.noise((64, 64, 3), 0.1, rng(), soft=True)
    assert abs(soft.std() - 0.1) < 1e-3
    assert neighbours(soft) > 0.5
    alike = noise_kinds.noise((64, 64, 3), 0.1, rng(), alike=True)
    assert np.array_equal(alike[..., 0], alike[..., 2])


def test_a_camera_gives_the_scene_back_and_noise_that_hangs_together() -> None:
    flat = np.full((96, 96, 3), 0.5, np.float32)
    clean, noisy = (shot[0] for shot in footage.camera([flat], 1, rng()))
    assert np.ptp(clean[8:-8, 8:-8]) < 0.01, "gray stays gray"
    assert abs(clean[48, 48, 0] - 0.5) < 0.05
    off = (noisy - clean)[8:-8, 8:-8]
    assert neighbours(off[..., 0]) > 0.3, "demosaicing smooths it"
    weaker = footage.camera([flat], 0, rng())
    assert psnr(weaker[1][0], weaker[0][0]) > psnr(noisy, clean) + 4


@pytest.mark.parametrize("layers", [1, 3])
def test_grain_grows_with_density_and_has_as_many_layers_as_film(layers: int) -> None:
    dark, bright = (np.full((64, 64, 3), v, np.float32) for v in (0.1, 0.8))
    off = {}
    for name, flat in (("dark", dark), ("bright", bright)):
        clean, noisy = (shot[0] for shot in footage.film([flat], 1, rng(), layers=layers))
        off[name] = np.log(noisy + 1e-6) - np.log(clean + 1e-6)
    assert off["bright"].std() > off["dark"].std()
    shared = np.corrcoef(off["bright"][..., 0].ravel(), off["bright"][..., 2].ravel())[0, 1]
    assert (shared > 0.95) if layers == 1 else (abs(shared) < 0.2)
    assert neighbours(off["bright"][..., 0]) > 0.4


@needs_av
@pytest.mark.parametrize("name", codecs.CODECS)
def test_codecs_give_as_many_frames_back_of_the_same_scene_in_its_order(name: str) -> None:
    frames = [scene(4.0 * i) for i in range(4)]
    made = codecs.coded(frames, codecs.CODECS[name])
    assert [m.shape for m in made] == [f.shape for f in frames]
    scores = [[psnr(m, f) for f in frames] for m in made]
    assert [int(np.argmax(s)) for s in scores] == [0, 1, 2, 3]
    assert min(scores[i][i] for i in range(4)) > 30


@needs_av
def test_codecs_of_visible_rates_lose_more() -> None:
    noisy = scene() + noise_kinds.noise((64, 80, 3), 0.05, rng())
    lost = {n: psnr(codecs.coded([noisy], c)[0], noisy) for n, c in codecs.CODECS.items()}
    for codec in ("MPEG-2 4:2:0", "H.264 4:2:0"):
        assert lost[f"{codec}, visible"] < lost[f"{codec}, invisible"] - 1


@needs_av
def test_filters_of_ffmpeg_give_the_scene_back() -> None:
    frames = [scene(2.0 * i) for i in range(3)]
    for name, arguments in quality_real.FILTERS.values():
        made = codecs.filtered(frames, name, arguments[0])
        assert min(psnr(m, f) for m, f in zip(made, frames, strict=True)) > 28


@pytest.mark.parametrize("kind", noise_kinds.KINDS)
def test_each_kind_gives_every_frame_back_with_more_noise_at_higher_levels(kind: str) -> None:
    frames, scores = [scene(3.0 * i) for i in range(2)], []
    for level in range(len(noise_kinds.LEVELS)):
        truth, noisy = noise_kinds.KINDS[kind](frames, level, rng())
        assert [f.shape for f in (*truth, *noisy)] == 2 * [f.shape for f in frames]
        scores.append(np.mean([psnr(a, b) for a, b in zip(noisy, truth, strict=True)]))
    assert scores[0] > scores[1] > scores[2]


def test_every_kind_is_measured_beside_the_filters_in_stills_and_clips() -> None:
    still = Picture("still", scene())
    clip = [Picture(str(i), scene(3.0 * i)) for i in range(3)]
    kinds = {k: noise_kinds.KINDS[k] for k in ("white, float", noise_kinds.SMOOTHED_HALF, "camera")}
    result = quality_real.run([still], {"pan": clip}, ours=blur, say=QUIET.append, kinds=kinds, levels=[1])
    by = {(r["condition"], r["method"]): r["PSNR dB"] for r in result.rows}
    assert {c for c, _ in by} == {f"{k}, middle" for k in kinds} | {"clips: white, float, middle", "clips: camera, middle"}
    for condition in {c for c, _ in by}:
        assert by[condition, quality_real.SOFT] >= by[condition, "as degraded"] - 0.5
        assert (condition, quality_real.SINGLE) in by if condition.startswith("clips") else (condition, OURS) in by
    assert any("Least lead" in n for n in result.notes)
    assert any("of 28.5 dB" in n for n in result.notes)


def test_the_strength_of_a_filter_is_chosen_by_the_truth() -> None:
    truth = [scene()]
    noisy = noise_kinds.added(partial(list), truth, 2, rng(), soft=False)[1]
    best = quality_real._best([[quality_real._soft(noisy[0], w)] for w in quality_real.WIDTHS], truth)
    assert all(psnr(best[0], truth[0]) >= psnr(quality_real._soft(noisy[0], w), truth[0]) for w in quality_real.WIDTHS)
