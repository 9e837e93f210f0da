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


AP0 = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)


def exr(folder: Path, alpha: float = 1.0, **labels: object) -> str:
    """One frame of ACEScg, or as the labels say, with another layer; its pattern."""
    channels = {n: np.full(SIZE, value * alpha, np.float32) for n, value in zip("RGB", (0.1, 0.5, 4.0), strict=True)}
    channels |= {"A": np.full(SIZE, alpha, np.float32), "diffuse.R": np.full(SIZE, 0.25, np.float16)}
    header = {"type": OpenEXR.scanlineimage, **(labels or {"colorInteropID": "lin_ap1_scene", "chromaticities": AP1})}
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
        (["--form", "channel", "--output-colorspace", "ACESgc"], "give --output-colorspace with a name of the config"),
        (["--form", "channel", "--output-colorspace", "ACEScct", "--colorspace", "Raw"], "values in 'Raw' are data"),
        (["--form", "channel", "--output-colorspace", "Raw"], "values in 'Raw' are data"),
        (["--form", "matte", "--output-colorspace", "ACEScct"], "what this chain gives is no picture but data"),
    ],
)
def test_what_cannot_be_converted_is_refused_before_anything_is_made(
    options: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["wires", exr(tmp_path), str(tmp_path / "out/b.####.exr"), *options]) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*"))


def test_a_picture_of_576_lines_that_says_nothing_is_told_of_as_pal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["denoise", dpx(tmp_path, 576), str(tmp_path / "out/b.####.exr")]) == 2
    assert (
        "if this is PAL video, as a .dpx file of 576 lines may be: --colorspace 'Rec.601 PAL Camera'" in capsys.readouterr().err
    )
    assert main(["info", str(tmp_path / "a.1001.dpx")]) == 0
    assert "PAL video" in capsys.readouterr().out


def test_a_plate_that_says_that_it_is_data_is_not_converted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["denoise", exr(tmp_path, colorInteropID="data"), str(tmp_path / "out/b.####.exr"), "--strength", "0"]
    assert main([*command, "--output-colorspace", "ACEScg"]) == 2
    assert "data and no colours" in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*.exr"))
    assert main(command) == 0


def test_aces_by_its_primaries_is_read_and_its_flag_goes_where_it_is_converted(tmp_path: Path) -> None:
    plate = exr(tmp_path, chromaticities=AP0, acesImageContainerFlag=1)
    command = ["denoise", plate, str(tmp_path / "out.####.exr"), "--strength", "0"]
    assert main(command) == 0
    assert read(tmp_path / "out.1001.exr")[1]["acesImageContainerFlag"] == 1
    assert main([*command, "--output-colorspace", "ACEScg"]) == 0
    header = read(tmp_path / "out.1001.exr")[1]
    assert "acesImageContainerFlag" not in header and header["oiio:ColorSpace"] == "ACEScg"
    exr(tmp_path, chromaticities=AP0)
    assert main(command) == 0, "by its chromaticities alone"


STATED = "sRGB Encoded Rec.709 (sRGB)"


@pytest.mark.parametrize("suffix", ["exr", "tif"])
def test_what_the_user_states_is_what_the_result_says(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plate = exr(tmp_path, chromaticities=AP1)
    command = ["denoise", plate, str(tmp_path / f"out.####.{suffix}"), "--strength", "0", "--colorspace", STATED]
    assert main(command) == 0
    capsys.readouterr()
    assert main(["info", str(tmp_path / f"out.1001.{suffix}"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["colorspace"]
    assert found["name"] == STATED
    if suffix == "exr":
        assert "chromaticities" not in read(tmp_path / "out.1001.exr")[1]
        assert "attribute" in found["origin"]


def test_a_header_that_agrees_with_the_user_stays_as_it_is(tmp_path: Path) -> None:
    plate = exr(tmp_path, chromaticities=AP1)
    assert main(["denoise", plate, str(tmp_path / "out.####.exr"), "--strength", "0", "--colorspace", "ACEScg"]) == 0
    header = read(tmp_path / "out.1001.exr")[1]
    assert "oiio:ColorSpace" not in header and np.allclose(header["chromaticities"], AP1)


def test_a_plate_that_says_two_spaces_is_told_of_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plate = exr(tmp_path, colorInteropID="lin_rec709_scene", chromaticities=AP1)
    (tmp_path / "a.1002.exr").write_bytes((tmp_path / "a.1001.exr").read_bytes())
    command = ["denoise", plate, str(tmp_path / "out.####.exr"), "--strength", "0", "--json"]
    assert main(command) == 0
    (said,) = warnings(capsys)
    assert "taken as Linear Rec.709 (sRGB)" in said and "its chromaticities are those of ACEScg" in said
    assert main([*command, "--colorspace", "ACEScg"]) == 0
    assert warnings(capsys) == []


def test_frames_of_a_config_that_was_edited_are_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "c.ocio"
    config.write_bytes(shipped_config().read_bytes())
    command = ["denoise", exr(tmp_path), str(tmp_path / "out.####.exr"), "--strength", "0", "--ocio", str(config), "--json"]

    def written() -> int:
        assert main([*command, "--output-colorspace", "ACEScct"]) == 0
        return next(e["frames"] for e in map(json.loads, capsys.readouterr().out.splitlines()) if e["event"] == "done")

    assert [written(), written()] == [1, 0]
    config.write_text(config.read_text().replace("ACEScct_to_ACES2065-1", "ACEScc_to_ACES2065-1"))
    assert [written(), written()] == [1, 0]
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    command[command.index(str(config))] = str(config.rename(moved / "c.ocio"))
    assert written() == 0, "the same config on another mount"


def warned(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, str]]:
    assert main(["denoise", *words, "--strength", "0", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [e for e in events if e["event"] == "warning" and "may not say its colour space" in e["message"]]


@pytest.mark.parametrize(
    ("suffix", "readers"),
    [
        ("png", "take them for 'sRGB Encoded Rec.709 (sRGB)'"),
        ("dpx", "have to be told"),
        ("hdr", "take them for 'Linear Rec.709 (sRGB)'"),
    ],
)
def test_a_space_that_the_files_cannot_say_is_told_once_with_what_to_do(
    suffix: str, readers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2, 3):
        planes = dict.fromkeys("RGB", np.full((6, 8), 0.5, np.float16))
        OpenEXR.File({"type": OpenEXR.scanlineimage, "colorInteropID": "lin_ap1_scene"}, planes).write(
            str(tmp_path / f"a.{number}.exr")
        )
    (said,) = warned(capsys, f"{tmp_path}/a.#.exr", f"{tmp_path}/b.#.{suffix}")
    assert f"the values stay in 'ACEScg', and readers {readers}" in said["message"]
    assert "write .exr" in said["remedy"] and "--output-colorspace" in said["remedy"]
    (said,) = warned(
        capsys,
        f"{tmp_path}/b.#.{suffix}",
        f"{tmp_path}/c.#.{suffix}",
        "--colorspace",
        "srgb_rec709_scene",
        "--output-colorspace",
        "ACEScg",
    )
    assert "the values stay in 'ACEScg', and readers take them for" in said["message"]
    assert not warned(capsys, f"{tmp_path}/b.#.{suffix}", f"{tmp_path}/d.#.{suffix}", "--colorspace", "ACEScg"), (
        "as the plate's own"
    )


def test_a_space_that_readers_take_such_files_for_is_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planes = dict.fromkeys("RGB", np.full((6, 8), 0.5, np.float16))
    OpenEXR.File({"type": OpenEXR.scanlineimage, "colorInteropID": "lin_ap1_scene"}, planes).write(str(tmp_path / "a.exr"))
    assert not warned(capsys, f"{tmp_path}/a.exr", f"{tmp_path}/b.png", "--output-colorspace", "srgb_rec709_scene")
    assert not warned(capsys, f"{tmp_path}/a.exr", f"{tmp_path}/b.hdr", "--output-colorspace", "lin_rec709_scene")
