import pytest
import torch

from vfxai.nets.noise_meter import NoiseMeter


@pytest.fixture(scope="module")
def network() -> NoiseMeter:
    torch.manual_seed(0)
    return NoiseMeter(widths=(12,), blocks=(3,)).eval()


def test_it_gives_four_planes_of_the_size_of_the_picture_with_one_value_a_block(network: NoiseMeter) -> None:
    with torch.inference_mode():
        said = network(torch.rand(2, 3, 16, 40))
    assert network.multiple == 8
    assert said.shape == (2, 4, 16, 40)
    blocks = said.unfold(2, 8, 8).unfold(3, 8, 8).flatten(4)
    assert torch.equal(blocks.amin(4), blocks.amax(4))
    assert (said >= 0).all()
    assert (said[:, 2:] <= said[:, :2]).all(), "a correlation is not above 1"


def test_a_picture_times_a_factor_has_noise_times_that_factor(network: NoiseMeter) -> None:
    x = torch.randn(1, 3, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(network(x * 50), network(x) * 50, rtol=1e-3, atol=1e-4)


def test_a_picture_with_a_level_added_has_the_same_noise(network: NoiseMeter) -> None:
    x = torch.randn(1, 3, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(network(x + 4), network(x), rtol=1e-3)


def test_lower_precision_does_not_round_off_the_noise() -> None:
    torch.manual_seed(0)
    network = NoiseMeter(widths=(12,), blocks=(1,)).eval()
    x = 0.8 + 1e-3 * torch.randn(1, 3, 64, 64)  # bfloat16 knows steps of 0.004 there
    with torch.inference_mode():
        exact = network(x)
        with torch.autocast("cpu", torch.bfloat16):
            lower = network(x)
    assert torch.allclose(exact, lower, rtol=0.05)


def test_it_is_of_three_planes_alone() -> None:
    with pytest.raises(ValueError, match="3 planes"):
        NoiseMeter(planes=7)
