"""A picture that lies on its side in its file is upright from the door on, in every format and for keys and mattes as for plates."""

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
import torch

from vfxai.image.box import Box
from vfxai.image.files import read_frame, read_header, read_packed, write_frame
from vfxai.image.orientation import upright, upright_box

LYING = np.stack([np.arange(48).reshape(6, 8) / 64, np.full((6, 8), 0.5), np.arange(48).reshape(6, 8)[::-1] / 96], -1).astype(
    np.float32
)


def store(path: Path, orientation: int) -> Path:
    spec = oiio.ImageSpec(8, 6, 3, "uint16")
    spec.attribute("Orientation", orientation)
    spec.attribute("PixelAspectRatio", 2.0)
    target = oiio.ImageOutput.create(str(path))
    assert target.open(str(path), spec) and target.write_image(LYING) and target.close()
    return path


def meant(path: Path) -> np.ndarray:
    """The picture as OpenImageIO itself turns it."""
    turned = oiio.ImageBufAlgo.reorient(oiio.ImageBuf(str(path)))
    return turned.get_pixels(oiio.FLOAT)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_as_openimageio_turns_it(tmp_path: Path, orientation: int) -> None:
    path = store(tmp_path / "a.tif", orientation)
    frame = read_frame(path)
    assert np.array_equal(frame.color.numpy().transpose(1, 2, 0), meant(path))
    assert (frame.data_window.height, frame.data_window.width) == frame.color.shape[1:]
    assert read_header(path).parts[0].data_window == frame.data_window
    assert frame.pixel_aspect == (0.5 if orientation >= 5 else 2.0)
    assert [c.what for c in read_packed(path).chosen] == (["orientation"] if orientation > 1 else [])
    for suffix in (".tif", ".png", ".exr"):
        write_frame(tmp_path / f"b{suffix}", frame, depth="float")
        again = read_frame(tmp_path / f"b{suffix}")
        assert torch.allclose(again.color, frame.color, atol=1e-6), suffix
        assert "Orientation" not in again.attributes


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_dpx_file_on_its_side_is_upright_too(tmp_path: Path, orientation: int) -> None:
    path = store(tmp_path / "a.dpx", orientation)
    told = oiio.ImageInput.open(str(path)).spec().get_int_attribute("Orientation")  # its writer numbers them otherwise
    frame = read_frame(path)
    wanted = upright(torch.from_numpy(LYING.transpose(2, 0, 1).copy()), told)
    assert torch.allclose(frame.color, wanted, atol=1e-4)
    assert read_header(path).parts[0].display_window == Box(0, 0, wanted.shape[2], wanted.shape[1])


def test_an_exr_file_keeps_it_and_other_formats_are_written_upright(tmp_path: Path) -> None:
    path = store(tmp_path / "a.exr", 6)
    frame = read_frame(path)
    write_frame(tmp_path / "b.exr", frame)
    assert oiio.ImageInput.open(str(tmp_path / "b.exr")).spec().get_int_attribute("Orientation") == 6
    write_frame(tmp_path / "b.png", frame)
    turned = upright(frame.color, 6)
    assert torch.allclose(read_frame(tmp_path / "b.png").color, turned, atol=1e-4)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_windows_turn_with_their_pixels(orientation: int) -> None:
    display, box = Box(3, -2, 8, 6), Box(5, -1, 4, 2)
    planes = torch.zeros(1, 6, 8)
    planes[:, 1:3, 2:6] = 1
    made, turned = upright_box(box, display, orientation), upright(planes, orientation)[0]
    rows, columns = (turned.any(axis).nonzero()[:, 0] for axis in (1, 0))
    assert (made.x - 3, made.y + 2, made.width, made.height) == (int(columns[0]), int(rows[0]), len(columns), len(rows))
