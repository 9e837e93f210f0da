import pytest
import torch

from vfxai.nets.unet import UNet, conv3x3, exactly


@pytest.fixture(scope="module")
def network() -> UNet:
    torch.manual_seed(0)
    return UNet(6, 3, (8, 12, 16), (1, 1, 1)).eval()


def test_it_keeps_the_size(network: UNet) -> None:
    assert network.multiple == 8
    with torch.inference_mode():
        assert network(torch.rand(2, 6, 16, 40)).shape == (2, 3, 16, 40)


def test_it_is_homogeneous(network: UNet) -> None:
    x = torch.randn(1, 6, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(network(x * 50), network(x) * 50, rtol=1e-4, atol=1e-3)


def test_zero_in_is_zero_out(network: UNet) -> None:
    with torch.inference_mode():
        assert not network(torch.zeros(1, 6, 16, 16)).any()


def test_lower_precision_does_not_round_off_the_picture() -> None:
    slope = conv3x3(1, 1)
    slope.weight.data = torch.tensor([[[[0.0, 0, 0], [-1, 0, 1], [0, 0, 0]]]])
    picture = 0.8 + 1e-3 * torch.randn(
        1, 1, 24, 24, generator=torch.Generator().manual_seed(0)
    )  # bfloat16 knows steps of 0.004 there
    with torch.inference_mode():
        true = slope(picture)[..., 1:-1]
        with torch.autocast("cpu", torch.bfloat16):
            found, rounded = (f(picture).float()[..., 1:-1] for f in (lambda p: exactly(slope, p, 1), slope))
    assert (found - true).abs().mean() < 0.02 * true.abs().mean() < 0.3 * (rounded - true).abs().mean()


def test_a_folded_convolution_is_that_of_the_unshuffled_pixels() -> None:
    torch.manual_seed(1)
    layer, planes = conv3x3(5 * 4, 7), torch.randn(2, 5, 12, 20)
    with torch.inference_mode():
        true = layer(torch.nn.functional.pixel_unshuffle(planes, 2))
        assert torch.equal(exactly(layer, planes, 3, 2), true)
        with torch.autocast("cpu", torch.bfloat16):
            found = exactly(layer, planes, 3, 2).float()
    assert (found - true).abs().max() < 0.02 * true.abs().max()
