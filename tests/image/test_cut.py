"""Frames over their format: cut, filled with black, to the bit, with every channel."""

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from nuke_studio import pixels

from vfxai.cli.main import main

FORMAT = (64, 48)


def write(path: Path, x: int, y: int, width: int, height: int) -> None:
    """Half R, G, B, an object id of 32 bits and a depth, over a data window."""
    spec = oiio.ImageSpec(width, height, 5, "half")
    spec.channelnames = ["R", "G", "B", "depth.Z", "id.X"]
    spec.channelformats = ("half", "half", "half", "float", "uint")
    spec.x, spec.y, spec.full_width, spec.full_height = x, y, *FORMAT
    spec.attribute("oiio:ColorSpace", "ACEScg")
    values = np.arange(width * height * 5, dtype=np.float32).reshape(height, width, 5) / 256 - 2
    values[..., 4] = np.arange(width * height).reshape(height, width) + 1
    path.parent.mkdir(parents=True, exist_ok=True)
    out = oiio.ImageOutput.create("exr")
    assert out.open(str(path), spec) and out.write_image(values), oiio.geterror()
    out.close()


@pytest.mark.parametrize("window", [(-10, -5, 84, 58), (20, 10, 20, 20), (40, -5, 50, 20), (100, 100, 8, 8)])
def test_what_lies_outside_is_cut_and_the_rest_is_black(
    tmp_path: Path, window: tuple[int, int, int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "in.1.exr", *window)
    command = ["denoise", f"{tmp_path}/in.#.exr", f"{tmp_path}/out.#.exr", "--strength", "0", "--window", "display"]
    assert main(command) == 0
    assert (
        f"data window {window[2]}x{window[3]} at {window[0]},{window[1]} is cut and filled with black" in capsys.readouterr().err
    )
    before, after = pixels(tmp_path / "in.1.exr"), pixels(tmp_path / "out.1.exr")
    assert after.pop("window").tolist() == [0, 0, *FORMAT, *FORMAT]
    assert after.keys() == before.keys() - {"window"}
    x, y, width, height = window
    for name, made in after.items():
        assert made.dtype == before[name].dtype
        whole = np.zeros((300, 300), made.dtype)
        whole[100 + y : 100 + y + height, 100 + x : 100 + x + width] = before[name]
        np.testing.assert_array_equal(made, whole[100 : 100 + FORMAT[1], 100 : 100 + FORMAT[0]], err_msg=name)


def test_a_window_that_is_the_format_stays_and_nothing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in.1.exr", 0, 0, *FORMAT)
    command = ["denoise", f"{tmp_path}/in.#.exr", f"{tmp_path}/out.#.exr", "--strength", "0", "--window", "display"]
    assert main(command) == 0
    assert "cut" not in capsys.readouterr().err
