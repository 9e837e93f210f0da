"""Chunks make what a run in one piece makes, wherever the farm's machines mount the show, and refuse what does not fit."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.farm.conftest import write_plate
from vfxai.engine.path_map import mapper, with_paths
from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.errors import ParameterError
from vfxai.image.files import read_frame


def step(recipe: Recipe, name: str, frames: str = "") -> Recipe:
    return replace(recipe, job=recipe.job.replaced(step=name, frames=frames))


def pixels(folder: Path) -> dict[str, bytes]:
    return {p.name: read_frame(p).color.numpy().tobytes() for p in sorted(folder.glob("*.exr"))}


@pytest.fixture
def show(recipe: Recipe, tmp_path: Path) -> Recipe:
    """The recipe over a copy of the plate of its own."""
    shutil.copytree(Path(recipe.source).parent, tmp_path / "mount/plate")
    return with_paths(recipe, mapper([(str(Path(recipe.source).parents[1]), str(tmp_path / "mount"))]))


def test_chunks_on_another_mount_equal_a_run_in_one_piece(show: Recipe, tmp_path: Path) -> None:
    run(show)
    whole = pixels(tmp_path / "mount/out")
    assert len(whole) == 10
    shutil.rmtree(tmp_path / "mount/out")
    run(step(show, "analyze"))
    assert not pixels(tmp_path / "mount/out")
    (tmp_path / "mount").rename(tmp_path / "elsewhere")
    there = with_paths(show, mapper([(str(tmp_path / "mount"), str(tmp_path / "elsewhere"))]))
    for frames in ("1001-1004", "1009-1010", "1005-1008"):
        assert run(step(there, "frames", frames)).written > 0
    assert pixels(tmp_path / "elsewhere/out") == whole
    again = run(step(there, "frames", "1001-1004"))
    assert (again.written, again.kept) == (0, 4), "a doubled task costs nothing"
    assert run(there).kept == 10


def test_a_chunk_refuses_where_nothing_was_analysed(show: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="not analysed before: there is no analysis") as caught:
        run(step(show, "frames", "1001-1004"))
    assert "--step analyze" in caught.value.remedy
    assert not pixels(tmp_path / "mount/out")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("plate", "another files of the shot"),
        ("value", "another recipe$"),
        ("precision", r"another precision \(auto there, fp32 here\)"),
        ("version", r"another version of the nodes \(denoise \d+ there, denoise 99 here\)"),
    ],
)
def test_a_chunk_refuses_an_analysis_of_something_else_and_says_of_what(
    show: Recipe, tmp_path: Path, change: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(step(show, "analyze"))
    if change == "plate":
        write_plate(tmp_path / "mount/plate/sh010.1002.exr", np.full((40, 48, 3), 0.2, np.float32))
    elif change == "value":
        show = Recipe.from_dict({**show.to_dict(), "node": [{"id": "denoise", "radius": 1}]})
    elif change == "version":
        monkeypatch.setattr(type(show.steps[0].node), "version", 99)
    else:
        show = replace(show, job=show.job.replaced(precision="fp32"))
    with pytest.raises(ParameterError, match=reason):
        run(step(show, "frames", "1001-1004"))


def test_a_node_that_needs_nothing_of_the_shot_needs_no_step_before(show: Recipe) -> None:
    plain = Recipe.from_dict({**show.to_dict(), "node": [{"id": "denoise", "strength": 0}]})
    assert run(step(plain, "frames", "1001-1002")).written == 2


def test_every_chunk_keeps_the_recipe_of_the_whole_beside_its_frames(show: Recipe, tmp_path: Path) -> None:
    run(step(show, "analyze"))
    run(step(show, "frames", "1001-1002"))
    (path,) = (tmp_path / "mount/out/.vfxai").glob("*.recipe.json")
    assert Recipe.read(path).to_dict() == show.to_dict()
