import pytest
import torch

from vfxai.nets.unet import UNet


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
