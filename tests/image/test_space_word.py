"""Only what a file holds counts as its word on its colour space."""

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from vfxai.image.files import read_frame, read_header, write_frame


def picture(path: Path, space: str = "unknown") -> Path:
    """A small picture that says its space as its format can, or says none."""
    out, spec = oiio.ImageOutput.create(str(path)), oiio.ImageSpec(8, 8, 3, "uint8")
    spec.attribute("oiio:ColorSpace", space)
    assert out.open(str(path), spec) and out.write_image(np.full((8, 8, 3), 0.5, np.float32)) and out.close()
    return path


def test_openimageio_gives_a_silent_file_a_space(tmp_path: Path) -> None:
    source = oiio.ImageInput.open(str(picture(tmp_path / "a.png")))
    assert source.spec().get_string_attribute("oiio:ColorSpace"), "else says_space() is needed no more"


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tif", "tga"])
def test_a_silent_file_has_no_space_and_gets_none(suffix: str, tmp_path: Path) -> None:
    plate = picture(tmp_path / f"a.{suffix}")
    write_frame(tmp_path / f"b.{suffix}", read_frame(plate))
    for path in (plate, tmp_path / f"b.{suffix}"):
        assert "oiio:ColorSpace" not in read_header(path).parts[0].attributes


@pytest.mark.parametrize(
    ("suffix", "space"),
    [("png", "srgb_rec709_scene"), ("png", "g22_rec709_scene"), ("jpg", "srgb_rec709_scene"), ("tif", "srgb_rec709_scene")],
)
def test_what_a_file_says_is_read_and_written_again(suffix: str, space: str, tmp_path: Path) -> None:
    plate = picture(tmp_path / f"a.{suffix}", space)
    write_frame(tmp_path / f"b.{suffix}", read_frame(plate))
    for path in (plate, tmp_path / f"b.{suffix}"):
        assert read_header(path).parts[0].attributes["oiio:ColorSpace"] == space
