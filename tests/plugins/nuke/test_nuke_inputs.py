"""What each kind of input becomes in a recipe: the files of a Read, a still, or frames that are exported for it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from nuke_studio import SPACE, Studio


def wired(studio: Studio, kind: str, **above: Any) -> Any:
    """A node with these inputs, by their names."""
    group = studio.node(kind)
    names = [one["name"] for one in studio.adapter("table").panel(kind)["inputs"]]
    for name, node in above.items():
        group.setInput(names.index(name), node)
    return group


def table_of(studio: Studio, group: Any) -> dict[str, Any]:
    return dict(studio.adapter("plan").make(group).recipe["node"][0])


def refusal(studio: Studio, group: Any) -> str:
    with pytest.raises(studio.adapter("telling").Refusal) as caught:
        studio.adapter("plan").make(group)
    return str(caught.value)


@pytest.fixture
def read(studio: Studio, plate: str) -> Any:
    return studio.read(plate, colorspace=SPACE)


def test_keys_are_the_files_that_there_are(studio: Studio, plate: str, read: Any) -> None:
    painted = studio.work / "painted.%04d.exr"
    for number in (1001, 1003):
        shutil.copy(plate % number, str(painted) % number)
    group = wired(studio, "colorize", plate=read, key=studio.read(str(painted), colorspace=SPACE))
    assert table_of(studio, group)["key"] == [f"{n}={str(painted) % n}" for n in (1001, 1003)]
    group["vfxai_keys"].setValue("1003")
    assert table_of(studio, group)["key"] == [f"1003={str(painted) % 1003}"]


def test_keys_of_a_changed_picture_are_exported_where_they_are_said_to_be(studio: Studio, plate: str, read: Any) -> None:
    grade = studio.nuke.nodes.Grade(inputs=[studio.read(plate, colorspace=SPACE)])
    group = wired(studio, "colorize", plate=read, key=grade)
    assert "which frames of the key are pictures to go by?" in refusal(studio, group)
    group["vfxai_keys"].setValue("1001, 1003")
    plans = studio.adapter("plan")
    plan = plans.make(group)
    plans.export(plan)
    files = [one.split("=", 1)[1] for one in plan.recipe["node"][0]["key"]]
    assert [Path(f).name for f in files] == ["key.1001.exr", "key.1003.exr"]
    assert sorted(p.name for p in Path(files[0]).parent.glob("*.exr")) == ["key.1001.exr", "key.1003.exr"]
    studio.adapter("sources").remove(plan.folder)


def test_a_pair_needs_both(studio: Studio, plate: str, read: Any) -> None:
    group = wired(studio, "tone", plate=read, after=studio.read(plate, colorspace=SPACE))
    assert "after alone says nothing" in refusal(studio, group)
    names = [one["name"] for one in studio.adapter("table").panel("tone")["inputs"]]
    group.setInput(names.index("before"), studio.read(plate, colorspace=SPACE, first=1002, last=1002))
    assert table_of(studio, group)["pair"] == [plate, plate]


def test_a_still_is_one_file_and_holds_for_the_shot(studio: Studio, plate: str, read: Any) -> None:
    still = studio.work / "clean plate.exr"
    shutil.copy(plate % 1001, still)
    clean = studio.read(str(still), colorspace=SPACE, first=1, last=1)
    group = wired(studio, "remove", plate=read, mask=studio.read(plate, colorspace=SPACE), clean_plate=clean)
    assert table_of(studio, group)["clean_plate"] == str(still)
    clean["after"].setValue("black")
    exported = table_of(studio, group)["clean_plate"]
    assert exported.endswith("/shot/clean_plate.%04d.exr")


def test_a_still_is_no_plate(studio: Studio, plate: str) -> None:
    """Its frame is exported, since the result needs a number."""
    still = studio.work / "still.exr"
    shutil.copy(plate % 1001, still)
    plan = studio.adapter("plan").make(wired(studio, "denoise", plate=studio.read(str(still), colorspace=SPACE, first=7, last=7)))
    assert plan.recipe["frames"] == "7" and plan.recipe["source"].endswith("/shot/plate.%04d.exr")


@pytest.mark.parametrize("change", [("frame_mode", "start at"), ("frame", "frame*2"), ("disable", True)])
def test_a_read_with_a_time_of_its_own_is_not_taken_by_its_files(studio: Studio, read: Any, change: tuple[str, Any]) -> None:
    read[change[0]].setValue(change[1])
    if change[0] == "disable":  # then what it shows is nothing of its files
        assert studio.adapter("sources").read_behind(read) is None
    else:
        assert studio.adapter("plan").make(wired(studio, "denoise", plate=read)).sources[0].exported is True


def test_views_that_one_file_may_hold_are_exported_each(studio: Studio, plate: str, read: Any) -> None:
    """A stereo file's pattern does not say that it is one."""
    plans = studio.adapter("plan")
    group = wired(studio, "denoise", plate=read)
    assert plans.make(group).sources[0].exported is False
    studio.session.views = ["left", "right"]
    assert plans.make(group).sources[0].pattern.endswith("/shot/plate.%V.%04d.exr")
    read["file"].setValue(plate.replace("noisy", "%v"))
    plan = plans.make(group)
    assert [r["source"].rsplit("/", 1)[1] for r in plans.recipes(plan)] == ["l plate.%04d.exr", "r plate.%04d.exr"]
    assert [r["output"].rsplit(".", 3)[1] for r in plans.recipes(plan)] == ["left", "right"]


def test_paths_of_a_script_are_under_its_project_directory(studio: Studio, plate: str) -> None:
    folder, name = plate.rsplit("/", 1)
    studio.session.root["project_directory"].setValue(folder)
    read = studio.read(plate, colorspace=SPACE)
    read["file"].setValue(name)
    assert studio.adapter("sources").read_file(read) == plate


def test_the_project_range_is_cut_to_the_plate_and_said(studio: Studio, read: Any) -> None:
    studio.session.root["first_frame"].setValue(1002)
    studio.session.root["last_frame"].setValue(1100)
    group = wired(studio, "denoise", plate=read)
    group["vfxai_range"].setValue("project")
    plan = studio.adapter("plan").make(group)
    assert plan.frames == [1002, 1003]
    assert plan.notes == ["the project goes beyond the plate: 1002-1003 are rendered"]
    studio.session.root["first_frame"].setValue(1050)
    assert "has no frame of the plate's 1001-1003" in refusal(studio, group)
