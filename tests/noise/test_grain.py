"""Grain made from a profile."""

import pytest
import torch

from vfxai.noise.grain import grain
from vfxai.noise.profile import NoiseProfile


@pytest.mark.parametrize(("spatial", "channel"), [(0.0, 0.0), (0.4, 0.5)])
def test_grain_has_the_variance_and_correlations_of_the_profile(spatial: float, channel: float) -> None:
    profile = NoiseProfile(((0.0, 1.0),) * 3, ((1e-4, 9e-4),) * 3, (0.0,) * 3, spatial, spatial, channel, 1.0)
    level = torch.zeros(3, 200, 400)
    level[..., 200:] = 1
    made = grain(level, profile, 7)
    assert float(made[..., :200].std()) == pytest.approx(0.01, rel=0.03)
    assert float(made[..., 200:].std()) == pytest.approx(0.03, rel=0.03)
    dark = made[..., :200] / 0.01
    assert float((dark[..., 1:] * dark[..., :-1]).mean()) == pytest.approx(spatial, abs=0.03)
    assert float((dark[0] * dark[1]).mean()) == pytest.approx(channel, abs=0.03)
    assert torch.equal(made, grain(level, profile, 7))
    assert not torch.equal(made, grain(level, profile, 8))


def test_grain_is_coarser_in_color_where_the_profile_is() -> None:
    profile = NoiseProfile(((0.5,),) * 3, ((1e-4,),) * 3, (0.0,) * 3, 0.0, 0.6, 0.5, 1.0)
    made = grain(torch.full((3, 200, 400), 0.5), profile, 7) / 0.01
    light, tint = made.mean(0), made[0] - made[1]
    assert float(made.std()) == pytest.approx(1, rel=0.03)
    assert float((light[:, 1:] * light[:, :-1]).mean() / light.square().mean()) == pytest.approx(0, abs=0.03)
    assert float((tint[:, 1:] * tint[:, :-1]).mean() / tint.square().mean()) == pytest.approx(0.6, abs=0.03)
