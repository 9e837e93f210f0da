import pytest
import torch

from vfxai.noise.bands import weighted
from vfxai.noise.guard import guarded, level_kept
from vfxai.noise.profile import NoiseProfile
from vfxai.noise.stabilise import Stabiliser


def noise(*size: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(seed))


def test_noise_may_be_taken() -> None:
    removed = noise(3, 200, 240)
    kept, held = guarded(removed, 1.0, 0.0)
    assert held < 0.01
    assert float((kept - removed).std()) < 0.05


def test_what_has_more_power_than_the_noise_is_held_back_where_it_is() -> None:
    removed = noise(3, 128, 128)
    removed[:, :, 80:] *= 4
    kept, held = guarded(removed, 1.0, 0.0)
    assert held > 0.3
    assert float(kept[:, :, 110:].std()) < 1.7
    assert float(kept[:, :, :48].std()) == pytest.approx(1, abs=0.03)


def test_what_lies_along_one_color_is_picture() -> None:
    removed = noise(3, 128, 128)
    removed[:, :, :64] = noise(1, 128, 64, seed=1).expand(3, -1, -1)
    kept, _ = guarded(removed, 1.0, 0.0)
    assert float(kept[:, :, :40].std()) < 0.02
    assert float(guarded(removed, 1.0, 1.0)[0][:, :, :40].std()) == pytest.approx(1, abs=0.1), "but grain of one colour is noise"


def test_noise_of_codecs_is_weak_in_color_and_noise_all_the_same() -> None:
    removed = 0.5 * noise(3, 128, 128) + 0.87 * noise(1, 128, 128, seed=1)
    assert guarded(removed, 1.0, 0.75)[1] < 0.01


@pytest.mark.parametrize("size", [(90, 140), (9, 200), (1, 1)])
def test_tone_and_color_do_not_shift(size: tuple[int, int]) -> None:
    curve = Stabiliser(NoiseProfile(((0.0, 1.0),) * 3, ((1e-4, 1e-2),) * 3, (0.01,) * 3, 0.0, 0.0, 0.0, 1.0))
    plate = 0.3 + 0.05 * noise(3, *size)
    shifted = 0.3 + torch.tensor([0.02, -0.03, 0.01])[:, None, None].expand(3, *size)
    result = level_kept(plate, shifted.clone(), curve)
    assert (result - plate).mean((1, 2)).abs().max() < 0.005
    assert float((result - shifted).flatten(1).std(1, correction=0).max()) < 0.005, "nothing but the level came back"


def test_the_level_beside_a_highlight_is_not_that_of_its_noise() -> None:
    curve = Stabiliser(NoiseProfile(((0.0, 1.0),) * 3, ((1e-6, 1e-2),) * 3, (0.01,) * 3, 0.0, 0.0, 0.0, 1.0))
    clean = torch.full((3, 96, 96), 0.01)
    clean[:, :, 48:] = 100.0
    deviation = torch.stack([curve.deviation(p, c) for c, p in enumerate(clean)])
    result = level_kept(clean + deviation * noise(3, 96, 96), clean.clone(), curve)
    assert float(deviation[0, 0, 0]) == pytest.approx(0.01, rel=0.02)
    assert float(deviation[0, 0, 95]) == pytest.approx(1.0, rel=0.02)
    assert float((result - clean)[:, :, :48].abs().max()) < 0.001


def test_bands_add_up_and_are_what_they_are_called() -> None:
    removed = noise(3, 96, 128)
    assert torch.equal(weighted(removed, 1, 1, (1, 1, 1, 1)), removed)
    parts = [weighted(removed, 1, 1, tuple(float(i == j) for j in range(4))) for i in range(4)]
    assert torch.allclose(sum(parts[1:], parts[0]), removed, atol=1e-5)
    steps = [float(p.diff(dim=2).std() / p.std()) for p in parts]
    assert steps == sorted(steps, reverse=True), "the coarser the smoother"
    gray = weighted(removed, 1, 0, (1, 1, 1, 1))
    assert torch.allclose(gray, removed.mean(0, keepdim=True).expand(3, -1, -1), atol=1e-6)
