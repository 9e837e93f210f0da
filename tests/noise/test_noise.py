import numpy as np
import pytest
import torch

from vfxai.errors import ParameterError
from vfxai.image.box import Box
from vfxai.noise.measure import _shape, measure_profile
from vfxai.noise.profile import NoiseProfile
from vfxai.noise.stabilise import Stabiliser
from vfxai.train.degradations import unit_noise
from vfxai.train.drawn import draw_dead_leaves

PHOTON = NoiseProfile(((0.0, 1.0),) * 3, ((4e-5, 4.04e-3),) * 3, (0.004,) * 3, 0.0, 0.0, 0.0, 1.0)
EVEN = NoiseProfile(((0.5,),) * 3, ((0.01,),) * 3, (0.0,) * 3, 0.0, 0.0, 0.0, 1.0)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return next(draw_dead_leaves(1, 384)).astype(np.float32).transpose(2, 0, 1) / 255


def noisy(picture: np.ndarray, sigma: np.ndarray | float, blur: float = 0, channel: float = 0) -> torch.Tensor:
    noise = unit_noise(picture.shape, blur, channel, np.random.default_rng(0))
    return torch.from_numpy((picture + noise * sigma).astype(np.float32))


@pytest.mark.parametrize("sigma", [5 / 255, 15 / 255, 50 / 255])
def test_even_noise_is_measured_blindly(picture: np.ndarray, sigma: float) -> None:
    profile = measure_profile([noisy(picture, sigma)])
    assert np.mean(profile.sigma) == pytest.approx(sigma, rel=0.06)
    assert profile.spatial_correlation == 0
    assert profile.channel_correlation == 0
    assert not profile.is_clean


def test_photon_noise_is_measured_as_a_line(picture: np.ndarray) -> None:
    linear = picture**2.2
    variance = 0.004 * linear + 0.00004
    profile = measure_profile([noisy(linear, np.sqrt(variance))])
    level = np.array([0.05, 0.2, 0.5])
    for channel in range(3):
        assert profile.variance(channel, level) == pytest.approx(0.004 * level + 0.00004, rel=0.2)


def test_grain_and_monochrome_noise_are_told(picture: np.ndarray) -> None:
    grain = measure_profile([noisy(picture, 0.08, blur=0.7)])
    assert np.mean(grain.sigma) == pytest.approx(0.08, rel=0.1)
    assert grain.spatial_correlation == pytest.approx(0.6, abs=0.12)
    assert measure_profile([noisy(picture, 0.08, channel=1.0)]).channel_correlation > 0.95


def test_a_clean_picture_is_clean(picture: np.ndarray) -> None:
    assert measure_profile([torch.from_numpy(picture)]).is_clean


def test_what_rounding_leaves_in_a_few_blocks_is_no_noise() -> None:
    """Kernels of older processors round a flat block to 0, and those beside it to 1e-33."""
    curve = _shape(np.linspace(0.2, 0.8, 4), np.array([3e-35, 5e-34, 0, 0]), 0.0)
    assert all(float(np.abs(part).max()) == 0 for part in curve)


def test_a_bright_plate_whose_even_areas_are_dark_is_not_clean() -> None:
    dark = NoiseProfile(((0.0, 0.2),) * 3, ((0.0, 1e-4),) * 3, (5e-4,) * 3, 0.0, 0.0, 0.0, 6.0)
    assert max(dark.sigma) < 0.0025 * 6
    assert not dark.is_clean


def test_black_borders_do_not_hide_the_noise(picture: np.ndarray) -> None:
    plate = noisy(picture, 0.05)
    plate[:, :60] = 0
    plate[:, -60:] = 0
    assert np.mean(measure_profile([plate]).sigma) == pytest.approx(0.05, rel=0.1)


def test_a_region_is_measured_alone(picture: np.ndarray) -> None:
    plate = noisy(np.full((3, 128, 128), 0.4, np.float32), 0.03)
    plate[:, :, 64:] = noisy(np.full((3, 128, 64), 0.4, np.float32), 0.1)
    assert np.mean(measure_profile([plate], Box(0, 0, 60, 128)).sigma) == pytest.approx(0.03, rel=0.05)
    with pytest.raises(ParameterError, match="region"):
        measure_profile([plate], Box(500, 500, 50, 50))


@pytest.mark.parametrize("profile", [PHOTON, EVEN])
def test_noise_becomes_even(profile: NoiseProfile) -> None:
    curve = Stabiliser(profile)
    for level in (0.05, 0.3, 1.0, 60.0):
        sigma = float(np.sqrt(profile.variance(0, np.array([level]))[0]))
        plate = level + sigma * torch.randn(3, 300, 300, generator=torch.Generator().manual_seed(1))
        assert float(curve.forward(plate).std()) == pytest.approx(1, abs=0.04)


def test_the_way_back_is_exact_or_unbiased() -> None:
    curve = Stabiliser(PHOTON)
    x = torch.linspace(-5, 200, 300_000).reshape(3, 100, 1000)
    back = curve.inverse(curve.forward(x), unbiased=False)
    assert ((back - x).abs() / (x.abs() + 1e-2)).max() < 1e-4
    for level in (0.0, 0.01, 0.1, 30.0):
        sigma = float(np.sqrt(PHOTON.variance(0, np.array([level]))[0]))
        plate = level + sigma * torch.randn(3, 600, 600, generator=torch.Generator().manual_seed(2))
        mean = curve.forward(plate).mean().expand(3, 1, 1)
        assert float(curve.inverse(mean)[0]) == pytest.approx(level, abs=sigma * 0.01 + 1e-5)


def test_the_curve_is_monotonic_over_all_halves() -> None:
    values = np.sort(np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float32))
    values = np.concatenate([-values[::-1], values[1:]])
    z = Stabiliser(PHOTON).forward(torch.from_numpy(values).expand(3, 1, -1))[0, 0]
    assert torch.isfinite(z).all()
    assert (z.diff() >= 0).all()


def test_a_profile_survives_its_file_and_bad_files_are_named() -> None:
    assert NoiseProfile.from_dict(PHOTON.to_dict()) == PHOTON
    with pytest.raises(ParameterError, match="version"):
        NoiseProfile.from_dict({})
    for key, value in (("levels", [[0, 1]]), ("variances", [[-1, 1]] * 3), ("spatial_correlation", 3), ("white", "x")):
        with pytest.raises(ParameterError, match="noise profile"):
            NoiseProfile.from_dict({**PHOTON.to_dict(), key: value})


def test_texture_nearly_everywhere_is_not_taken_for_noise() -> None:
    ramp = np.broadcast_to(np.linspace(0.1, 0.9, 384, dtype=np.float32)[:, None], (3, 384, 384)).copy()
    texture = unit_noise((1, 384, 384), 0, 0, np.random.default_rng(1)) * 0.025
    texture[:, :, :20] = 0  # 5 % of the picture is even
    assert np.mean(measure_profile([noisy(ramp + texture, 0.01)]).sigma) == pytest.approx(0.01, rel=0.1)


@pytest.mark.parametrize(
    "change", [{"variances": [[1e308]] * 3}, {"slopes": [1e300] * 3}, {"white": float("inf")}, {"levels": [[1e30]] * 3}]
)
def test_an_absurd_profile_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="noise profile"):
        NoiseProfile.from_dict(EVEN.to_dict() | change)
    with pytest.raises(ParameterError, match="table"):
        NoiseProfile.from_dict([])  # type: ignore[arg-type]  # what a JSON file may hold
