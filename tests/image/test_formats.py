"""Formats besides EXR: what a file stores comes back, and what cannot is said."""

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from vfxai.cli.main import main
from vfxai.errors import OutputError
from vfxai.image.files import check_storage
from vfxai.image.files import read_frame as read_exr
from vfxai.image.formats import read_frame


def store(path: Path, pixels: np.ndarray, associated: bool = False, pictures: int = 1) -> Path:
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], str(pixels.dtype))
    spec.attribute("oiio:UnassociatedAlpha", int(not associated))
    target = oiio.ImageOutput.create(str(path))
    assert target.open(str(path), (spec,) * pictures)
    for index in range(pictures):
        assert index == 0 or target.open(str(path), spec, "AppendSubimage")
        assert target.write_image(pixels)
    target.close()
    return path


def stored(path: Path) -> np.ndarray:
    asked = oiio.ImageSpec()
    asked.attribute("oiio:UnassociatedAlpha", 1)
    source = oiio.ImageInput.open(str(path), asked)
    return source.read_image(source.spec().format)


def with_alpha(dtype: type) -> np.ndarray:
    pixels = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (12, 16, 4)).astype(dtype)
    pixels[:3, :, 3], pixels[3:6, :, 3] = 0, 3
    return pixels


@pytest.mark.parametrize(("suffix", "dtype", "associated"), [
    ("png", np.uint8, False), ("png", np.uint16, False), ("tif", np.uint8, False), ("tif", np.uint16, False), ("tif", np.uint8, True),
])  # fmt: skip
def test_colour_beneath_alpha_comes_back_to_the_bit(suffix: str, dtype: type, associated: bool, tmp_path: Path) -> None:
    source = store(tmp_path / f"a.{suffix}", with_alpha(dtype), associated)
    assert read_frame(source, None).premultiplied == associated
    assert main(["denoise", str(source), str(tmp_path / f"b.{suffix}"), "--strength", "0"]) == 0
    assert np.array_equal(stored(tmp_path / f"b.{suffix}"), stored(source))


def test_a_picture_with_alpha_goes_to_exr_and_back(tmp_path: Path) -> None:
    source = store(tmp_path / "a.png", with_alpha(np.uint8))
    assert main(["denoise", str(source), str(tmp_path / "b.exr"), "--strength", "0", "--depth", "float"]) == 0
    color = read_frame(source, None).color * read_frame(source, None).alpha
    assert float((read_exr(tmp_path / "b.exr").color - color).abs().max()) < 1e-6
    assert main(["denoise", str(tmp_path / "b.exr"), str(tmp_path / "c.png"), "--strength", "0"]) == 0
    seen = stored(source)[..., 3] > 0
    assert np.abs(stored(tmp_path / "c.png")[seen] / 65535 - stored(source)[seen] / 255).max() < 0.51 / 3


def test_the_colour_space_goes_into_the_exr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = store(tmp_path / "a.png", with_alpha(np.uint8))
    for number, space in enumerate(("sRGB Encoded Rec.709 (sRGB)", "ARRI LogC3 (EI800)")):
        assert main(["denoise", str(source), str(tmp_path / f"{number}.exr"), "--strength", "0", "--colorspace", space]) == 0
        capsys.readouterr()
        assert main(["info", str(tmp_path / f"{number}.exr")]) == 0
        assert space in capsys.readouterr().out


def test_further_pictures_of_a_file_are_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = store(tmp_path / "a.tif", with_alpha(np.uint8), pictures=2)
    assert main(["denoise", str(source), str(tmp_path / "b.tif"), "--strength", "0"]) == 0
    assert "only the first picture" in capsys.readouterr().err


def test_a_format_that_nobody_writes_is_refused_before_the_first_frame(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="xyz"):
        check_storage(tmp_path / "a.xyz", "keep", "keep")
    source = store(tmp_path / "a.png", with_alpha(np.uint8))
    assert main(["denoise", str(source), str(tmp_path / "b.xyz")]) == 5


def test_white_strokes_on_nothing_are_a_matte(tmp_path: Path) -> None:
    strokes = np.full((12, 16, 4), 255, np.uint8)
    strokes[:, 8:, 3] = 0
    store(tmp_path / "mask.png", strokes)
    source = store(tmp_path / "a.png", np.random.default_rng(0).integers(90, 160, (12, 16, 3)).astype(np.uint8))
    (tmp_path / "look.cdl").write_text(
        '<ColorCorrection id="a"><SOPNode><Slope>1.5 1.5 1.5</Slope><Offset>0 0 0</Offset><Power>1 1 1</Power></SOPNode></ColorCorrection>'
    )
    arguments = ["--look", str(tmp_path / "look.cdl"), "--mask", str(tmp_path / "mask.png")]
    assert main(["tone", str(source), str(tmp_path / "b.png"), *arguments]) == 0
    changed = (stored(tmp_path / "b.png") != stored(source)).any(2)
    assert changed[:, :8].all()
    assert not changed[:, 8:].any()


def test_what_alpha_hides_does_not_bleed_when_the_size_changes(tmp_path: Path) -> None:
    pixels = np.full((16, 16, 4), 128, np.uint8)
    pixels[:, 8:] = (255, 0, 0, 0)  # red that nobody sees
    source = store(tmp_path / "a.png", pixels)
    assert main(["upscale", str(source), str(tmp_path / "b.png")]) == 0
    made = stored(tmp_path / "b.png")
    assert made.shape == (32, 32, 4)
    shown = made[..., :3] * (made[..., 3:] / 255)
    assert (shown[..., 0] - shown[..., 1]).max() <= 8
