"""--output-colorspace, and what is said where it is not given."""

import json
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio
import PyOpenColorIO as ocio
import pytest

from vfxai.cli.main import main
from vfxai.color.config import shipped_config

SIZE = (6, 8)
PAL, LINEAR = "Rec.601 PAL Camera", "ACEScg"


def dpx(folder: Path, lines: int = 6) -> str:
    """One frame of a ramp, 10 bits; its pattern."""
    ramp = np.linspace(0.1, 0.9, lines * 8 * 3, dtype=np.float32).reshape(lines, 8, 3)
    out = oiio.ImageOutput.create(str(folder / "a.1001.dpx"))
    spec = oiio.ImageSpec(8, lines, 3, "uint16")
    spec.attribute("oiio:BitsPerSample", 10)
    assert out.open(str(folder / "a.1001.dpx"), spec) and out.write_image(ramp) and out.close()
    return str(folder / "a.####.dpx")


def exr(folder: Path, alpha: float = 1.0) -> str:
    """One frame of ACEScg, with another layer; its pattern."""
    channels = {n: np.full(SIZE, value * alpha, np.float32) for n, value in zip("RGB", (0.1, 0.5, 4.0), strict=True)}
    channels |= {"A": np.full(SIZE, alpha, np.float32), "diffuse.R": np.full(SIZE, 0.25, np.float16)}
    header = {
        "type": OpenEXR.scanlineimage,
        "colorInteropID": "lin_ap1_scene",
        "chromaticities": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767),
    }
    OpenEXR.File(header, channels).write(str(folder / "a.1001.exr"))
    return str(folder / "a.####.exr")


def converted(color: np.ndarray, source: str, target: str) -> np.ndarray:
    config = ocio.Config.CreateFromFile(str(shipped_config()))
    pixels = np.ascontiguousarray(color, np.float32)
    config.getProcessor(source, target).getDefaultCPUProcessor().applyRGB(pixels)
    return pixels


def read(path: Path) -> tuple[dict[str, np.ndarray], dict]:
    file = OpenEXR.File(str(path), separate_channels=True)
    return {n: np.asarray(c.pixels, np.float32) for n, c in file.channels().items()}, dict(file.header())


def warnings(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [e["message"] for e in map(json.loads, capsys.readouterr().out.splitlines()) if e["event"] == "warning"]


def test_video_comes_out_linear_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["denoise", dpx(tmp_path), str(tmp_path / "out.####.exr"), "--strength", "0", "--colorspace", PAL, "--json"]
    assert main([*command, "--output-colorspace", "lin_ap1", "--depth", "float"]) == 0
    assert warnings(capsys) == []
    planes, header = read(tmp_path / "out.1001.exr")
    before = oiio.ImageBuf(str(tmp_path / "a.1001.dpx")).get_pixels(oiio.FLOAT)
    got = np.stack([planes[n] for n in "RGB"], -1)
    assert np.allclose(got, converted(before, PAL, LINEAR), atol=1e-6)
    assert header["colorInteropID"] == "lin_ap1_scene"
    assert main(["info", str(tmp_path / "out.1001.exr"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["colorspace"]["name"] == LINEAR


def test_video_that_stays_video_in_exr_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["denoise", dpx(tmp_path), str(tmp_path / "out.####.exr"), "--strength", "0", "--colorspace", PAL, "--json"]
    assert main(command) == 0
    (said,) = warnings(capsys)
    assert f"the values stay in '{PAL}'" in said and "--output-colorspace converts, for example to 'ACEScg'" in said


@pytest.mark.parametrize("alpha", [1.0, 0.5])
def test_alpha_stays_out_of_the_conversion_and_no_old_label_stays(
    alpha: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["denoise", exr(tmp_path, alpha), str(tmp_path / "out.####.exr"), "--strength", "0", "--json"]
    assert main([*command, "--output-colorspace", "ACEScct"]) == 0
    assert "diffuse.R keep their values; only the processed layer is brought to ACEScct" in warnings(capsys)
    planes, header = read(tmp_path / "out.1001.exr")
    expected = converted(np.array([[[0.1, 0.5, 4.0]]]), LINEAR, "ACEScct")[0, 0] * alpha
    assert np.allclose([planes[n][0, 0] for n in "RGB"], expected, atol=1e-5)
    assert (planes["A"] == np.float32(alpha)).all() and (planes["diffuse.R"] == 0.25).all()
    assert header["oiio:ColorSpace"] == "ACEScct"
    assert header["colorInteropID"] == "ocio:acescct_ap1_scene" and "chromaticities" not in header


def test_the_same_space_changes_no_bit(tmp_path: Path) -> None:
    command = ["denoise", exr(tmp_path, 0.5), str(tmp_path / "out.####.exr"), "--strength", "0", "--output-colorspace", "lin_ap1"]
    assert main(command) == 0
    before, after = read(tmp_path / "a.1001.exr")[0], read(tmp_path / "out.1001.exr")[0]
    assert all((before[n] == after[n]).all() for n in before)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--form", "channel", "--output-colorspace", "ACESgc"], "has no colour space 'ACESgc'; near: ACEScg"),
        (["--form", "matte", "--output-colorspace", "ACEScct"], "what this chain gives is no picture but data"),
    ],
)
def test_what_cannot_be_converted_is_refused_before_anything_is_made(
    options: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["wires", exr(tmp_path), str(tmp_path / "out/b.####.exr"), *options]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_picture_of_576_lines_that_says_nothing_is_told_of_as_pal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["denoise", dpx(tmp_path, 576), str(tmp_path / "out/b.####.exr")]) == 2
    assert (
        "if this is PAL video, as a .dpx file of 576 lines may be: --colorspace 'Rec.601 PAL Camera'" in capsys.readouterr().err
    )
    assert main(["info", str(tmp_path / "a.1001.dpx")]) == 0
    assert "PAL video" in capsys.readouterr().out
