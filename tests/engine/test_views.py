"""Stereo plates: views in files of their own, and in one file."""

import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from vfxai.cli.main import main
from vfxai.engine.recipe import Recipe
from vfxai.engine.views import by_view
from vfxai.image.views import views_on_disk
from vfxai.schema import registry
from vfxai.schema.node import Node
from vfxai.schema.parameters import Float
from vfxai.schema.vocabulary import Encoding, Mask, Plate


class Twice(Node):
    """Double; for tests."""

    inputs = (Plate(), Mask("mask"))
    encoding = Encoding.STORED
    factor: float = Float(2.0, min=0, max=9, label="Factor", doc="Times what.")

    def process(self, at, analysis, tools):
        if float(at.center.color[0, 0, 0]) == 13:
            raise ValueError("thirteen")
        return at.center.with_color(at.center.color * self.factor)


@pytest.fixture(autouse=True)
def node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_nodes", {**registry._nodes, "twice": Twice})


def write(path: Path, value: float) -> None:
    path.parent.mkdir(exist_ok=True)
    header = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}
    OpenEXR.File(header, {n: np.full((4, 6), value, np.float32) for n in "RGB"}).write(str(path))


def red(path: Path) -> float:
    return float(OpenEXR.File(str(path), separate_channels=True).channels()["R"].pixels[0, 0])


def stereo(folder: Path) -> str:
    for value, view in ((1, "left"), (5, "right")):
        for frame in (1, 2):
            write(folder / view / f"sh_{view[0]}.{frame:04d}.exr", value)
    return str(folder / "%V/sh_%v.####.exr")


def test_every_view_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plate = stereo(tmp_path)
    assert main(["twice", plate, str(tmp_path / "out/%V.####.exr"), "--json"]) == 0
    assert [red(tmp_path / f"out/{view}.0002.exr") for view in ("left", "right")] == [2, 10]
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["view"] for e in events if e["event"] == "start"] == ["left", "right"]
    assert [(e["view"], e["number"]) for e in events if e["event"] == "frame"] == [
        ("left", 1),
        ("left", 2),
        ("right", 1),
        ("right", 2),
    ]
    (done,) = [e for e in events if e["event"] == "done"]
    assert (done["frames"], done["kept"], done["failed"]) == (4, 0, [])
    assert main(["twice", plate, str(tmp_path / "out/%V.####.exr")]) == 0
    assert "0 frames of view right, 2 kept from before" in capsys.readouterr().out


def test_one_view_is_made_where_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plate = stereo(tmp_path)
    assert main(["twice", plate, str(tmp_path / "out/b.####.exr"), "--views", "right"]) == 0
    assert [red(p) for p in sorted((tmp_path / "out").glob("b.*.exr"))] == [10, 10]
    assert main(["twice", plate, str(tmp_path / "out/%V.####.exr"), "--views", "right,middle"]) == 3
    assert "has no view middle; there is left, right" in capsys.readouterr().err


def test_one_output_for_several_views_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plate = stereo(tmp_path)
    assert main(["twice", plate, str(tmp_path / "out/b.####.exr")]) == 2
    assert "is one place for the views left, right" in capsys.readouterr().err
    assert main(["twice", plate, str(tmp_path / "out/%V.####.exr"), "--analysis", "a.json"]) == 2
    assert not (tmp_path / "out").exists()


def test_a_frame_of_one_view_that_fails_leaves_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plate = stereo(tmp_path)
    write(tmp_path / "right/sh_r.0001.exr", 13)
    assert main(["twice", plate, str(tmp_path / "out/%V.####.exr"), "--json"]) == 6
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any("view right, frame 1: unexpected ValueError: thirteen" in str(e.get("message")) for e in events)
    assert "1 of 4 frames failed: 1 right" in events[-1]["message"]
    assert len(list((tmp_path / "out").glob("*.exr"))) == 3


def test_mattes_follow_the_view(tmp_path: Path) -> None:
    plate = stereo(tmp_path)
    for view, value in (("left", 0), ("right", 1)):
        write(tmp_path / f"m.{view}.exr", value)
    assert main(["twice", plate, str(tmp_path / "out/%V.####.exr"), "--mask", str(tmp_path / "m.%V.exr")]) == 0
    assert [red(tmp_path / f"out/{view}.0001.exr") for view in ("left", "right")] == [1, 10]


@pytest.mark.parametrize("name", ["s_%V.####.exr", "s_%V.%04d.exr", "s_%V.$F4.exr", "s_%V.[0001-0002].exr"])
def test_views_are_found_whatever_the_padding(name: str, tmp_path: Path) -> None:
    for view in ("right", "main", "left"):
        write(tmp_path / f"s_{view}.0001.exr", 1)
    (tmp_path / "s_notes.txt").touch()
    assert views_on_disk(str(tmp_path / name)) == ("left", "main", "right")


def test_info_tells_the_views(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plate = stereo(tmp_path)
    assert main(["info", plate]) == 0
    assert "views: left, right; what follows is of the first" in capsys.readouterr().out
    assert main(["info", str(tmp_path / "%V/other.####.exr")]) == 3


def test_a_plate_without_views_is_one_recipe(tmp_path: Path) -> None:
    recipe = Recipe.from_dict({"source": "a.####.exr", "output": "b.####.exr", "node": [{"id": "twice"}]})
    assert by_view(recipe) == [("", recipe)]


def test_several_views_of_one_file_are_all_made_unless_one_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = {"type": OpenEXR.scanlineimage, "multiView": ["left", "right"], "colorInteropID": "lin_rec709_scene"}
    planes = {f"{prefix}{n}": np.full((4, 6), value, np.float32) for prefix, value in (("", 1), ("right.", 5)) for n in "RGB"}
    OpenEXR.File(header, planes).write(str(tmp_path / "a.1.exr"))
    command = ["twice", str(tmp_path / "a.#.exr"), str(tmp_path / "out/b.#.exr")]
    for views in ([], ["--views", "left,right"]):
        assert main([*command, *views, "--overwrite"]) == 0
        assert "views of the plate: left, right" in capsys.readouterr().out
        made = OpenEXR.File(str(tmp_path / "out/b.1.exr"), separate_channels=True).channels()
        assert (made["R"].pixels == 2).all() and (made["right.R"].pixels == 10).all()
    assert main([*command, "--views", "right", "--overwrite"]) == 0
    made = OpenEXR.File(str(tmp_path / "out/b.1.exr"), separate_channels=True).channels()
    assert (made["R"].pixels == 1).all() and (made["right.R"].pixels == 10).all()
    write(tmp_path / "mono.1.exr", 1)
    assert main(["twice", str(tmp_path / "mono.#.exr"), str(tmp_path / "out/c.#.exr"), "--views", "right"]) == 2
