from pathlib import Path

import pytest

from tests.farm.conftest import plate
from vfxai.engine.path_map import absolute, mapper, parse_rule, read_rules, with_paths
from vfxai.engine.recipe import Recipe
from vfxai.errors import MissingInputError, ParameterError
from vfxai.farm.job import FarmJob, farm_job
from vfxai.image.sequence import frames_text


def test_chunks_cover_every_frame_once(job: FarmJob) -> None:
    assert job.range == "1001-1010" and job.contiguous
    assert job.chunks() == ["1001-1004", "1005-1008", "1009-1010"]


def test_a_job_says_what_a_chunk_reads_and_what_goes_before(job: FarmJob) -> None:
    assert job.analyzes and job.handles == (2, 2)
    assert job.frames_arguments("r.json", "1-4") == [
        "run",
        "r.json",
        "--frames",
        "1-4",
        "--step",
        "frames",
        "--map=/mnt/a=/Volumes/a b",
    ]


def test_an_analysis_that_a_person_corrected_is_not_learned_anew_by_a_farm(recipe: Recipe) -> None:
    anew = farm_job(Recipe.from_dict(recipe.to_dict() | {"overwrite": True, "analysis": "/mnt/a/shot.json"}), chunk=4)
    assert "--no-overwrite" in anew.analyze_arguments("r.json")
    assert "--no-overwrite" not in anew.frames_arguments("r.json", "1-4")


def test_a_node_that_learns_nothing_has_no_step_before(recipe: Recipe) -> None:
    table = recipe.to_dict() | {"node": [{"id": "denoise", "strength": 0}]}
    assert not farm_job(Recipe.from_dict(table), chunk=4).analyzes


@pytest.mark.parametrize(("numbers", "text"), [((1, 2, 3), "1-3"), ((1, 3, 5), "1-5x2"), ((7,), "7"), ((1, 2, 9), "1-2,9")])
def test_frames_in_words(numbers: tuple[int, ...], text: str) -> None:
    assert frames_text(numbers) == text


def test_a_chunk_below_one_and_a_plate_that_is_not_there_are_errors(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="chunk"):
        farm_job(recipe, chunk=0)
    gone = Recipe.from_dict(recipe.to_dict() | {"source": str(tmp_path / "no.####.exr")})
    with pytest.raises(MissingInputError):
        farm_job(gone, chunk=4)


def test_relative_paths_are_those_of_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plate(tmp_path / "plate", range(1, 3))
    monkeypatch.chdir(tmp_path)
    recipe = Recipe.from_dict({"source": "plate/sh010.####.exr", "output": "o.####.exr", "node": [{"id": "denoise"}]})
    assert farm_job(recipe, chunk=4).recipe.source == str(tmp_path / "plate/sh010.####.exr")


def test_every_path_of_a_recipe_is_mapped_and_nothing_else() -> None:
    table = {
        "source": "/mnt/a/p.####.exr", "output": "/mnt/ab/o.####.exr", "ocio": "ocio://default", "colorspace": "/mnt/a",
        "node": [{"id": "remove", "mask": "/mnt/a/m.####.exr"}],
    }  # fmt: skip
    mapped = with_paths(Recipe.from_dict(table), mapper([("/mnt/a", "Z:/shows")])).to_dict()
    assert mapped["source"] == "Z:/shows/p.####.exr" and mapped["node"][0]["mask"] == "Z:/shows/m.####.exr"
    assert mapped["output"] == "/mnt/ab/o.####.exr", "a prefix ends at a separator"
    assert (mapped["ocio"], mapped["colorspace"]) == ("ocio://default", "/mnt/a")


def test_the_files_of_numbered_and_several_inputs_are_mapped() -> None:
    table = {
        "source": "/mnt/a/p.####.exr", "output": "/mnt/a/o.####.exr",
        "node": [
            {"id": "colorize", "key": ["1001=/mnt/a/k.exr", "1010=/mnt/a/l.exr"]},
            {"id": "tone", "pair": ["/mnt/a/x.png", "/mnt/a/y.png"]},
        ],
    }  # fmt: skip
    nodes = with_paths(Recipe.from_dict(table), mapper([("/mnt/a", "/vol")])).to_dict()["node"]
    assert nodes[0]["key"] == ["1001=/vol/k.exr", "1010=/vol/l.exr"] and nodes[1]["pair"] == ["/vol/x.png", "/vol/y.png"]


def test_slashes_of_windows_count_as_slashes() -> None:
    assert mapper([("Z:\\shows", "/mnt/shows")])("Z:\\shows\\p.####.exr") == "/mnt/shows/p.####.exr"
    assert absolute("Z:\\shows") == "Z:\\shows"


def test_rules_come_from_words_and_from_files(tmp_path: Path) -> None:
    assert parse_rule("/a=/b=c") == ("/a", "/b=c")
    with pytest.raises(ParameterError, match="OLD=NEW"):
        parse_rule("/a")
    rules = tmp_path / "rules.json"
    rules.write_text(
        '{"version": "pathmapping-1.0", "path_mapping_rules": [{"source_path_format": "POSIX", "source_path": "/a", "destination_path": "/b"}]}'
    )
    assert read_rules(rules) == [("/a", "/b")]
    rules.write_text("{}")
    assert read_rules(rules) == []
    rules.write_text('{"path_mapping_rules": [5]}')
    with pytest.raises(ParameterError, match="path mapping"):
        read_rules(rules)


def test_a_stereo_plate_is_one_job_over_the_frames_of_all_views(tmp_path: Path) -> None:
    plate(tmp_path / "left", range(1001, 1005))
    plate(tmp_path / "right", range(1001, 1007))
    recipe = Recipe.from_dict(
        {"source": f"{tmp_path}/%V/sh010.####.exr", "output": f"{tmp_path}/out/%V.####.exr", "node": [{"id": "denoise"}]}
    )
    job = farm_job(recipe, chunk=4)
    assert job.chunks() == ["1001-1004", "1005-1006"] and job.recipe.source == f"{tmp_path}/%V/sh010.####.exr"
    with pytest.raises(ParameterError, match="one place for the views left, right"):
        farm_job(Recipe.from_dict(recipe.to_dict() | {"output": f"{tmp_path}/out/sh.####.exr"}), chunk=4)
