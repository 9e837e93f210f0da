"""The configurations of examples/large, for machines with a GPU."""

from pathlib import Path

import pytest

from vfxai.nets import architecture
from vfxai.train.shipped import SHIPPED
from vfxai.train.task import read_config

FOLDER = Path(__file__).parents[2] / "examples" / "large"
MOST_OF_AN_UPSCALER = 16 * 10**6
"""Bytes in fp32, as its ONNX file has them."""


def weights(name: str, large: bool) -> int:
    """How many a network has."""
    kind = SHIPPED[name]
    task = kind(read_config(FOLDER / f"{name}.toml", kind.default)) if large else kind()
    return sum(p.numel() for p in architecture(task.architecture)(**task.arguments()).parameters())


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_network_has_a_larger_sibling(name: str) -> None:
    assert weights(name, large=True) > 2.5 * weights(name, large=False)


def test_large_upscalers_are_still_small_files() -> None:
    assert max(4 * weights(name, large=True) for name in SHIPPED if name.startswith("upscale")) < MOST_OF_AN_UPSCALER


def test_the_script_trains_every_one_of_them() -> None:
    lines = (FOLDER.parent / "train_large.sh").read_text(encoding="utf-8").splitlines()
    assert {line.split()[1] for line in lines if line.startswith("train ")} == set(SHIPPED)
