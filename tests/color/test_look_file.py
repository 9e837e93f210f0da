from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest
import torch

from vfxai.color.cube import read_cube
from vfxai.color.look_file import BLACK, WHITE, read_look
from vfxai.errors import InputError, ParameterError, UnreadableInputError

N = 5
COLORS = torch.rand(3, 6, 7, generator=torch.Generator().manual_seed(0))


def rows(gain: tuple[float, float, float] = (1, 1, 1), top: float = 1.0) -> str:
    levels = np.linspace(0, top, N)
    return "\n".join(f"{gain[0] * r:.6f} {gain[1] * g:.6f} {gain[2] * b:.6f}" for b in levels for g in levels for r in levels)


def cube(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def by_opencolorio(path: str) -> torch.Tensor:
    processor = ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(path, interpolation=ocio.INTERP_LINEAR))
    pixels = np.ascontiguousarray(COLORS.numpy().transpose(1, 2, 0))
    processor.getDefaultCPUProcessor().applyRGB(pixels)
    return torch.from_numpy(pixels.transpose(2, 0, 1).copy())


@pytest.mark.parametrize(
    "lines",
    [
        (f"LUT_3D_SIZE {N}", rows((1, 0.5, 0.25))),
        ('TITLE "a # b"', f"LUT_3D_SIZE {N}", "DOMAIN_MIN 0 0 0", "DOMAIN_MAX 2 2 2", rows((1, 0.5, 0.25))),
        ("LUT_1D_SIZE 3", "0 0 0", "0.2 0.5 0.9", "1 1 1"),
        ("LUT_1D_SIZE 3", "LUT_1D_INPUT_RANGE 0 2", "0 0 0", "0.2 0.5 0.9", "1 1 1"),
        ("LUT_1D_SIZE 2", "LUT_1D_INPUT_RANGE 0 4", f"LUT_3D_SIZE {N}", "LUT_3D_INPUT_RANGE 0 1", "0 0 0", "1 1 1", rows((1, 0.5, 0.25))),
    ],
)  # fmt: skip
def test_a_cube_gives_what_opencolorio_gives(tmp_path: Path, lines: tuple[str, ...]) -> None:
    path = cube(tmp_path / "a.cube", *lines)
    assert torch.allclose(read_look(path).apply(COLORS), by_opencolorio(path), atol=1e-6)


def test_comments_and_tags_of_resolve_are_understood(tmp_path: Path) -> None:
    plain = read_look(cube(tmp_path / "a.cube", f"LUT_3D_SIZE {N}", rows((1, 0.5, 0.25))))
    noted = cube(
        tmp_path / "b.cube", "# Resolve", f"LUT_3D_SIZE {N}  # five", "", "LUT_3D_INPUT_RANGE 0 1", "# rows", rows((1, 0.5, 0.25))
    )
    assert torch.equal(read_look(noted).apply(COLORS), plain.apply(COLORS))
    video = read_look(
        cube(tmp_path / "v.cube", f"LUT_3D_SIZE {N}", "LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE", rows((1, 0.5, 0.25)))
    )
    levels = BLACK + (WHITE - BLACK) * COLORS
    wanted = (levels * torch.tensor([1, 0.5, 0.25])[:, None, None] - BLACK) / (WHITE - BLACK)
    assert torch.allclose(video.apply(COLORS), wanted, atol=1e-5)
    assert (video.chosen[0].what, video.chosen[0].taken) == ("levels of the look", "video range in and out")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((f"LUT_3D_SIZE {N}", rows().rpartition("\n")[0]), "expected 125 rows, got 124"),
        (("0 0 0",), "LUT_1D_SIZE"),
        ((f"LUT_3D_SIZE {N}", "0 0", rows()), "line 2"),
        (("LUT_3D_SIZE 999", rows()), "line 1: expected LUT_3D_SIZE of 2 to 256"),
        (("LUT_3D_SIZE -4",), "line 1"),
        ((f"LUT_3D_SIZE {N}", "nan 0 0"), "line 2"),
        ((f"LUT_3D_SIZE {N}", "LUT_MADE_UP 3", rows()), "'LUT_MADE_UP 3'"),
        ((f"LUT_3D_SIZE {N}", "DOMAIN_MAX 0 0 0", rows()), "no range"),
        (("\0\x01\x02 LUT",), "no text"),
    ],
)
def test_a_broken_cube_is_told_with_its_line(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    path = cube(tmp_path / "a.cube", *lines)
    with pytest.raises(UnreadableInputError) as caught:
        read_cube(Path(path))
    assert said in caught.value.message and path in caught.value.message and caught.value.remedy


def test_values_beyond_a_table_are_counted_by_where_the_table_lies(tmp_path: Path) -> None:
    color = torch.full((3, 2, 5), 0.5)
    color[0, 0, :3] = torch.tensor([6.0, 1.005, -0.5])
    short = read_look(cube(tmp_path / "a.cube", f"LUT_3D_SIZE {N}", rows()))
    assert (short.domain, short.outside(color), short.outside(COLORS)) == ("0 to 1", 2, 0)
    wide = read_look(cube(tmp_path / "b.cube", f"LUT_3D_SIZE {N}", "LUT_3D_INPUT_RANGE 0 8", rows(top=8.0)))
    assert (wide.domain, wide.outside(color)) == ("0 to 8", 1)
    assert wide.apply(color).max() == pytest.approx(6)
    (tmp_path / "c.cc").write_text(correction("", 2))
    assert read_look(str(tmp_path / "c.cc")).domain == ""
    assert read_look(str(tmp_path / "c.cc")).outside(color) == 0


def correction(name: str, slope: float) -> str:
    return (
        f'<ColorCorrection id="{name}"><SOPNode><Slope>{slope} 1 1</Slope><Offset>0 0 0</Offset><Power>1 1 1</Power></SOPNode>'
        "<SatNode><Saturation>1</Saturation></SatNode></ColorCorrection>"
    )


def collection(path: Path, *ids: str) -> str:
    inside = "".join(correction(name, 2.0 + index) for index, name in enumerate(ids))
    text = f'<ColorCorrectionCollection xmlns="urn:ASC:CDL:v1.2">{inside}</ColorCorrectionCollection>'
    if path.suffix == ".cdl":
        each = "".join(f"<ColorDecision>{correction(name, 2.0 + index)}</ColorDecision>" for index, name in enumerate(ids))
        text = f'<ColorDecisionList xmlns="urn:ASC:CDL:v1.01">{each}</ColorDecisionList>'
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("suffix", [".ccc", ".cdl"])
def test_of_several_corrections_one_is_asked_for(tmp_path: Path, suffix: str) -> None:
    path = collection(tmp_path / f"show{suffix}", "sh010", "sh020", "sh030")
    with pytest.raises(ParameterError, match="3 corrections: sh010, sh020, sh030") as caught:
        read_look(path)
    assert "--look-id" in caught.value.remedy
    color = torch.full((3, 1, 1), 0.25)
    for asked, slope in (("sh020", 3), ("3", 4), ("sh010", 2)):
        look = read_look(path, asked)
        assert float(look.apply(color)[0, 0, 0]) == pytest.approx(0.25 * slope)
        assert look.chosen[0].what == "correction of the look"
    with pytest.raises(ParameterError, match="no correction 'sh999'") as caught:
        read_look(path, "sh999")
    assert "sh030" in caught.value.remedy


def test_one_correction_needs_no_id_and_other_files_take_none(tmp_path: Path) -> None:
    assert read_look(collection(tmp_path / "a.ccc", "only")).chosen[0].taken == "only"
    with pytest.raises(ParameterError, match="look_id"):
        read_look(cube(tmp_path / "a.cube", f"LUT_3D_SIZE {N}", rows()), "sh010")
    (tmp_path / "b.ccc").write_text("<nothing")
    (tmp_path / "c.csp").write_text("CSPLUTV100\nnonsense")
    for name in ("b.ccc", "c.csp"):
        with pytest.raises(InputError) as broken:
            read_look(str(tmp_path / name))
        assert name in broken.value.message and "ocio" not in broken.value.message.lower() and "Error" not in broken.value.message
