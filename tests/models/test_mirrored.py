import pytest
import torch

from vfxai.models.mirrored import MOST, mirrored

KERNEL = torch.rand(1, 3, 3, 3, generator=torch.Generator().manual_seed(1))


def network(pieces: torch.Tensor) -> torch.Tensor:
    """Twice the size, and not the same after a turn."""
    return torch.nn.functional.conv2d(pieces, KERNEL, padding=1).repeat_interleave(2, 2).repeat_interleave(2, 3)


PICTURE = torch.rand(1, 3, 6, 10, generator=torch.Generator().manual_seed(0))


def test_one_pass_is_the_network() -> None:
    assert mirrored(network, 1) is network


@pytest.mark.parametrize(("passes", "axes"), [(2, (2, 3)), (4, (2,)), (4, (3,)), (MOST, (2,))])
def test_the_mean_turns_with_the_picture(passes: int, axes: tuple[int, ...]) -> None:
    run = mirrored(network, passes)
    assert run(PICTURE).shape == (1, 1, 12, 20)
    assert torch.allclose(run(PICTURE.flip(axes)), run(PICTURE).flip(axes))
    assert not torch.allclose(network(PICTURE.flip(axes)), network(PICTURE).flip(axes))


def test_most_passes_transpose_as_well() -> None:
    assert torch.allclose(mirrored(network, MOST)(PICTURE.mT), mirrored(network, MOST)(PICTURE).mT)
    assert not torch.allclose(mirrored(network, 4)(PICTURE.mT), mirrored(network, 4)(PICTURE).mT)
