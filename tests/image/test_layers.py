from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from vfxai.errors import InputError
from vfxai.image.files import read_header, read_packed
from vfxai.image.layers import choose_layer, views_of

FLAT = {"type": OpenEXR.scanlineimage}
PLANE = np.full((3, 4), 0.5, np.float16)


def file(path: Path, *parts: tuple[str, str, dict[str, object]]) -> Path:
    """An EXR file of parts: name, channels parted by spaces, attributes."""
    made = [OpenEXR.Part({**FLAT, **more}, dict.fromkeys(channels.split(), PLANE), name) for name, channels, more in parts]
    if len(made) == 1:
        OpenEXR.File({**FLAT, **parts[0][2]}, dict.fromkeys(parts[0][1].split(), PLANE)).write(str(path))
    else:
        OpenEXR.File(made).write(str(path))
    return path


@pytest.mark.parametrize(
    ("channels", "taken", "alpha"),
    [
        ("R G B A Z", "R G B", "A"),
        ("diffuse.R diffuse.G diffuse.B R G B", "R G B", None),
        ("rgba.red rgba.green rgba.blue rgba.alpha", "rgba.red rgba.green rgba.blue", "rgba.alpha"),
        (
            "V.DiffCol.R V.DiffCol.G V.DiffCol.B V.Combined.R V.Combined.G V.Combined.B V.Combined.A V.Depth.Z",
            "V.Combined.R V.Combined.G V.Combined.B",
            "V.Combined.A",
        ),
        ("my.pass.R my.pass.G my.pass.B A", "my.pass.R my.pass.G my.pass.B", None),
        ("N.R N.G N.B lamp.R lamp.G lamp.B", "lamp.R lamp.G lamp.B", None),
        ("Y id", "Y", None),
        ("R g b A", "R g b", "A"),
        ("shape", "shape", None),
    ],
)
def test_the_picture_is_found_by_its_name_with_the_alpha_of_its_layer(
    tmp_path: Path, channels: str, taken: str, alpha: str | None
) -> None:
    choice = choose_layer(read_header(file(tmp_path / "a.exr", ("", channels, {}))))
    assert choice.layer.colors == tuple(taken.split())
    assert choice.layer.alpha == alpha
    assert choice.chosen[0].what == "layer"
    assert not choice.chosen[0].among, "nothing else is called so"


@pytest.mark.parametrize(
    ("channels", "alpha", "other"), [("R G B a r", "a", "r"), ("A B G R a b g r", "A", "r, g, b"), ("R G B A foo.y", "A", "")]
)
def test_a_picture_is_of_one_spelling_and_the_other_is_said(tmp_path: Path, channels: str, alpha: str, other: str) -> None:
    choice = choose_layer(read_header(file(tmp_path / "a.exr", ("", channels, {}))))
    assert choice.layer.colors == ("R", "G", "B")
    assert choice.layer.alpha == alpha
    assert choice.chosen[0].among == ((other,) if other else ())


def test_parts_that_all_have_r_g_b_are_told_apart_by_name(tmp_path: Path) -> None:
    parts = [(name, "R G B", {}) for name in ("N", "albedo", "C", "worldPosition")]
    choice = choose_layer(read_header(file(tmp_path / "a.exr", *parts)))
    assert (choice.layer.part, choice.layer.name) == (2, "C")
    chosen = read_packed(tmp_path / "a.exr").chosen
    assert [(c.what, c.taken) for c in chosen] == [("layer", "C")]


def test_where_no_name_says_it_the_others_are_named(tmp_path: Path) -> None:
    parts = [(name, "R G B", {}) for name in ("P", "kitchen", "garden")]
    choice = choose_layer(read_header(file(tmp_path / "a.exr", *parts)))
    assert choice.layer.name == "kitchen"
    assert choice.chosen[0].among == ("garden",), "not P, which is data"


def test_two_pictures_of_one_name_are_said(tmp_path: Path) -> None:
    channels = " ".join(f"{view}.Combined.{c}" for view in ("Day", "Night") for c in "RGB")
    choice = choose_layer(read_header(file(tmp_path / "a.exr", ("", channels, {}))))
    assert choice.layer.name == "Day.Combined"
    assert choice.chosen[0].among == ("Night.Combined",)


@pytest.mark.parametrize(
    ("asked", "taken"),
    [("V.DiffCol", "V.DiffCol.R"), ("DiffCol", "V.DiffCol.R"), ("diffcol", "V.DiffCol.R"), ("V.Depth.Z", "V.Depth.Z")],
)
def test_a_layer_is_asked_for_by_its_name_or_its_last_word(tmp_path: Path, asked: str, taken: str) -> None:
    channels = "V.Combined.R V.Combined.G V.Combined.B V.DiffCol.R V.DiffCol.G V.DiffCol.B V.Depth.Z"
    header = read_header(file(tmp_path / "a.exr", ("", channels, {})))
    assert choose_layer(header, asked).layer.colors[0] == taken
    with pytest.raises(InputError, match="no layer 'Depths'") as caught:
        choose_layer(header, "Depths")
    assert "V.Combined" in caught.value.remedy


STEREO_ONE = (
    ("", "R G B A right.R right.G right.B right.A lamp.right.R lamp.right.G lamp.right.B", {"multiView": ["left", "right"]}),
)
STEREO_PARTS = tuple((f"{n}_{v}", c, {"view": v}) for v, n, c in (("right", "rgba", "R G B A"), ("left", "depth", "Z"), ("left", "rgba", "R G B A")))  # fmt: skip


@pytest.mark.parametrize(("parts", "default"), [(STEREO_ONE, "left"), (STEREO_PARTS, "right")])
def test_views_of_a_stereo_file_are_known_and_the_one_left_alone_is_said(
    tmp_path: Path, parts: tuple[tuple[str, str, dict[str, object]], ...], default: str
) -> None:
    header = read_header(file(tmp_path / "a.exr", *parts))
    assert set(views_of(header)) == {"left", "right"}
    choice = choose_layer(header)
    assert choice.layer.view == default
    told = {c.what: c for c in choice.chosen}
    assert told["view"].taken == default and len(told["view"].among) == 1
    for view in ("left", "right"):
        asked = choose_layer(header, view=view)
        assert asked.layer.view == view and len(asked.layer.colors) == 3 and asked.layer.alpha
        assert [c.what for c in asked.chosen] == ["layer"], "whoever asks for a view says which"
        assert choose_layer(header, view).layer.view == view, "--layer may name a view"
    if default == "left":
        assert choose_layer(header, "lamp", view="right").layer.colors[0] == "lamp.right.R"
