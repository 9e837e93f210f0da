import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
import torch

import vfxai
from vfxai.cli.main import main
from vfxai.color.config import Config, find_config
from vfxai.engine import file_job as job
from vfxai.engine import job_spaces
from vfxai.engine import run as engine
from vfxai.engine.recipe import Recipe
from vfxai.errors import FramesFailedError, MissingInputError, OutputError, ParameterError, RecipeError
from vfxai.image.files import read_frame
from vfxai.schema import registry
from vfxai.schema.node import Node
from vfxai.schema.parameters import Float
from vfxai.schema.vocabulary import Encoding, Mask, Plate, Window
from vfxai.session.request import Request


class Gain(Node):
    """Multiply; for tests."""

    inputs = (Plate(), Mask("mask"))
    encoding = Encoding.STORED
    gain: float = Float(2.0, min=0, max=10, label="Gain", doc="Factor.")

    def is_identity(self) -> bool:
        return self.gain == 1

    def process(self, at, analysis, tools):
        if at.number == 13:
            raise ValueError("thirteen")
        return at.center.with_color(at.center.color * self.gain)


class Mean(Node):
    """Average over three frames; for tests."""

    window = Window(1, 1)
    encoding = Encoding.SCENE_LINEAR

    def process(self, at, analysis, tools):
        return at.center.with_color((at[-1].color + at[0].color + at[1].color) / 3)


class Brightest:
    """An analysis; for tests."""

    def __init__(self, level: float) -> None:
        self.level = level

    def to_dict(self) -> dict[str, float]:
        return {"level": self.level}


class Level(Node):
    """Divide by the brightest frame, and add what it divided by as a channel; for tests."""

    encoding = Encoding.STORED
    analysed = 0

    @classmethod
    def load_analysis(cls, data):
        return Brightest(data["level"])

    def analyze(self, plate, tools):
        type(self).analysed += 1
        return Brightest(max(float(plate[n].color.max()) for n in plate.frames))

    def process(self, at, analysis, tools):
        level = torch.full_like(at.center.color[:1], analysis.level)
        return replace(at.center, color=at.center.color / analysis.level, layers={"level.used": level})


@pytest.fixture(autouse=True)
def test_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the others; those of other tests may have the same names."""
    monkeypatch.setattr(registry, "_nodes", {**registry._nodes, **{node.id: node for node in (Gain, Mean, Level)}})


def plates(folder: Path, frames: range, value: float = 0.25) -> str:
    for frame in frames:
        channels = {n: np.full((6, 8), value * frame, np.float16) for n in "RGB"}
        OpenEXR.File({"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}, channels).write(
            str(folder / f"a.{frame}.exr")
        )
    return str(folder / "a.#.exr")


def recipe(folder: Path, source: str, *nodes: dict, **values: object) -> Recipe:
    return Recipe.from_dict({"source": source, "output": str(folder / "out/b.#.exr"), "node": list(nodes), **values})


def red(folder: Path, frame: int) -> float:
    return float(OpenEXR.File(str(folder / f"out/b.{frame}.exr"), separate_channels=True).channels()["R"].pixels[0, 0])


def test_a_chain_runs_without_files_in_between(tmp_path: Path) -> None:
    outcome = engine.run(recipe(tmp_path, plates(tmp_path, range(1, 6)), {"id": "gain", "gain": 4}, {"id": "mean"}, frames="2-4"))
    assert outcome.written == 3
    assert [red(tmp_path, n) for n in (2, 3, 4)] == [2, 3, 4]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [".vfxai", "b.2.exr", "b.3.exr", "b.4.exr"]


def test_a_failing_frame_leaves_the_others(tmp_path: Path) -> None:
    with pytest.raises(FramesFailedError, match="1 of 4 frames failed: 13"):
        engine.run(recipe(tmp_path, plates(tmp_path, range(11, 15)), {"id": "gain"}))
    assert sorted(p.name for p in (tmp_path / "out").glob("*.exr")) == ["b.11.exr", "b.12.exr", "b.14.exr"]


def test_a_damaged_frame_leaves_the_others_and_the_exit_code_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = plates(tmp_path, range(1, 5))
    (tmp_path / "a.3.exr").write_bytes((tmp_path / "a.3.exr").read_bytes()[:200])
    assert main(["gain", source, str(tmp_path / "out/b.#.exr")]) == 6
    assert "a.3.exr" in capsys.readouterr().err
    assert len(list((tmp_path / "out").glob("*.exr"))) == 3


def test_resume_keeps_frames_until_a_value_changes(tmp_path: Path) -> None:
    source = plates(tmp_path, range(1, 4))
    assert engine.run(recipe(tmp_path, source, {"id": "gain"}, frames="1-2")).written == 2
    again = engine.run(recipe(tmp_path, source, {"id": "gain"}))
    assert (again.written, again.kept) == (1, 2)
    changed = engine.run(recipe(tmp_path, source, {"id": "gain", "gain": 3}))
    assert (changed.written, changed.kept) == (3, 0)
    (tmp_path / "out/b.2.exr").write_bytes(b"cut off")
    with pytest.raises(ParameterError, match="not written by vfxai"):
        engine.run(recipe(tmp_path, source, {"id": "gain", "gain": 3}))
    assert engine.run(recipe(tmp_path, source, {"id": "gain", "gain": 3}, overwrite=True)).written == 3


def test_only_frames_that_see_a_changed_file_are_made_again(tmp_path: Path) -> None:
    source = plates(tmp_path, range(1, 8))
    assert engine.run(recipe(tmp_path, source, {"id": "mean"})).written == 7
    plates(tmp_path, range(4, 5), 0.5)
    outcome = engine.run(recipe(tmp_path, source, {"id": "mean"}))
    assert (outcome.written, outcome.kept) == (3, 4)


def test_an_analysis_is_kept_until_the_code_that_makes_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(**values: object) -> tuple[int, int, int]:
        """Analyses made, frames written, frames kept."""
        before = Level.analysed
        outcome = engine.run(recipe(tmp_path, source, {"id": "level"}, **values))
        return Level.analysed - before, outcome.written, outcome.kept

    source = plates(tmp_path, range(1, 4))
    assert made(frames="1-2") == (1, 2, 0)
    assert made() == (0, 1, 2)
    monkeypatch.setattr(Level, "version", 2)
    assert made() == (1, 3, 0)
    assert made() == (0, 0, 3)
    monkeypatch.setattr(job, "__version__", "99")
    assert made() == (1, 0, 3)  # it says the same, so the frames stay
    monkeypatch.setattr(job_spaces, "find_config", lambda option: renamed(find_config(option)))
    assert made() == (1, 3, 0)


def renamed(config: Config) -> Config:
    config.name = "another config"
    return config


def test_channels_that_the_output_has_no_place_for_are_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for frame in (1, 2, 3):
        channels = dict.fromkeys(("R", "G", "B", "A", "depth.Z"), np.ones((6, 8), np.float16))
        OpenEXR.File({"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}, channels).write(
            str(tmp_path / f"a.{frame}.exr")
        )
    source = str(tmp_path / "a.#.exr")
    lost = {"exr": None, "png": "level.used, depth.Z", "jpg": "level.used, depth.Z, alpha"}
    for suffix, names in lost.items():
        assert main(["level", source, str(tmp_path / f"out/b.#.{suffix}"), "--json"]) == 0
        told = [e for e in map(json.loads, capsys.readouterr().out.splitlines()) if e["event"] == "warning"]
        if names is None:
            assert told == []
            continue
        warning, space = told
        assert "may not say its colour space; the values stay in 'Linear Rec.709 (sRGB)'" in space["message"]
        assert f"a .{suffix} file has no place for {names};" in warning["message"]
        assert ".exr" in warning["remedy"]
    assert len(list((tmp_path / "out").glob("b.*.png"))) == 3
    capsys.readouterr()
    assert main(["level", source, str(tmp_path / "plain/b.#.png")]) == 0
    assert capsys.readouterr().err.count("has no place for") == 1
    with (
        pytest.warns(UserWarning, match=r"no place for level.used, depth\.Z; .*write \.exr"),
        pytest.warns(UserWarning, match="may not say its colour space"),
    ):
        vfxai.write(vfxai.apply(vfxai.open_clip(source), "level"), tmp_path / "script.#.png", frames=(1,))


def test_values_that_the_output_has_no_place_for_are_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for frame, highlight in ((1, 1.01), (2, 40.0), (3, 50.0)):  # a little over white is no loss worth a word
        pixels = np.full((6, 8), 0.5, np.float16)
        pixels[2, 3] = highlight
        header = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}
        OpenEXR.File(header, dict.fromkeys("RGB", pixels)).write(str(tmp_path / f"a.{frame}.exr"))
    for suffix, told in {"exr": 0, "png": 1, "dpx": 1, "jpg": 1, "hdr": 0}.items():
        arguments = [str(tmp_path / "a.#.exr"), str(tmp_path / f"out/b.#.{suffix}"), "--strength", "0", "--json"]
        assert main(["denoise", *arguments]) == 0
        events = [e for e in map(json.loads, capsys.readouterr().out.splitlines()) if e["event"] == "warning"]
        events = [e for e in events if "colour space" not in e["message"]]
        assert len(events) == told
        assert all(e["message"].startswith(f"b.2.{suffix} takes") and "to 40" in e["message"] for e in events)
    assert float(read_frame(tmp_path / "out/b.2.hdr").color.max()) == pytest.approx(40, rel=0.01)


def test_an_output_that_cannot_be_written_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = plates(tmp_path, range(1, 4))
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        engine.run(Recipe.from_dict({"source": source, "output": str(tmp_path / "file/b.#.exr"), "node": [{"id": "gain"}]}))

    def full(path: Path, *_: object, **__: object) -> None:
        raise OutputError(f"{path} cannot be written: the disk is full")

    monkeypatch.setattr(engine, "write_frame", full)
    with pytest.raises(OutputError, match="disk is full"):
        engine.run(recipe(tmp_path, source, {"id": "gain"}))
    assert not list((tmp_path / "out").glob("*.exr"))


def test_input_is_not_overwritten_and_nothing_is_an_error(tmp_path: Path) -> None:
    source = plates(tmp_path, range(1, 3))
    with pytest.raises(ParameterError, match="input and output"):
        engine.run(Recipe.from_dict({"source": source, "output": source, "node": [{"id": "gain"}], "overwrite": True}))
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "nowhere").mkdir()
    for same in ("link", "nowhere/.."):
        output = str(tmp_path / same / Path(source).name)
        with pytest.raises(ParameterError, match="input and output"):
            engine.run(Recipe.from_dict({"source": source, "output": output, "node": [{"id": "gain"}], "overwrite": True}))
    (tmp_path / "out").mkdir()
    for number in (1, 2):
        shutil.copy(tmp_path / f"a.{number}.exr", tmp_path / f"out/b.{number}.exr")
    with pytest.raises(ParameterError, match="input and output"):
        engine.run(recipe(tmp_path, source, {"id": "gain", "mask": str(tmp_path / "out/b.#.exr")}, overwrite=True))
    with pytest.raises(MissingInputError):
        engine.run(recipe(tmp_path, str(tmp_path / "c.#.exr"), {"id": "gain"}))
    with pytest.raises(ParameterError, match="one file for 2 frames"):
        engine.run(Recipe.from_dict({"source": source, "output": str(tmp_path / "one.exr"), "node": [{"id": "gain"}]}))


def test_all_problems_of_a_recipe_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe.from_dict({"output": 3, "speed": 1, "node": [{"id": "gain", "gain": 99}, {"id": "nothing"}, {}]})
    for problem in (
        "source is missing",
        "'speed'",
        "gain: expected a number from 0 to 10",
        "no node 'nothing'",
        "node 3: id is missing",
    ):
        assert problem in caught.value.message
    (tmp_path / "bad.toml").write_text("node = [")
    with pytest.raises(RecipeError, match=r"bad\.toml"):
        Recipe.read(tmp_path / "bad.toml")


def test_a_recipe_that_is_no_table_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.json").write_text("[]")
    assert main(["run", str(tmp_path / "r.json")]) == 2
    assert "expected a table" in capsys.readouterr().err


def test_a_name_too_long_for_the_system_is_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(tmp_path / ("a" * 300 + ".exr"))]) == 5
    assert "the system refused" in capsys.readouterr().err


def test_a_recipe_survives_json_and_only_pixels_count_for_its_identity(tmp_path: Path) -> None:
    made = recipe(tmp_path, "a.#.exr", {"id": "gain", "mask": "m.#.exr"})
    (tmp_path / "r.json").write_text(json.dumps(made.to_dict()))
    assert Recipe.read(tmp_path / "r.json").to_dict() == made.to_dict()
    elsewhere = Recipe.from_dict({**made.to_dict(), "output": "elsewhere.#.exr", "frames": "1-2"})
    assert elsewhere.identity() == made.identity()
    assert recipe(tmp_path, "a.#.exr", {"id": "gain", "gain": 3}).identity() != made.identity()


def test_the_recipe_is_in_the_output_and_info_prints_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine.run(recipe(tmp_path, plates(tmp_path, range(1, 3)), {"id": "gain"}))
    assert main(["info", str(tmp_path / "out/b.#.exr"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert json.loads(facts["provenance"]["recipe"])["node"] == [{"id": "gain", "gain": 2.0, "mix": 1.0}]
    assert facts["colorspace"] == {"name": "Linear Rec.709 (sRGB)", "origin": "attribute colorInteropID 'lin_rec709_scene'"}
    assert facts["count"] == 2


def test_reading_ahead_reads_each_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vfxai.image import clip as clips

    read: list[str] = []
    real = clips.read_packed
    monkeypatch.setattr(clips, "read_packed", lambda path, *rest: read.append(path.name) or real(path, *rest))
    engine.run(recipe(tmp_path, plates(tmp_path, range(1, 30)), {"id": "mean"}))
    assert len(read) == len(set(read)) == 29


def test_alpha_that_is_not_finite_is_repaired_and_leaves_colour_alone(tmp_path: Path) -> None:
    alpha = np.full((6, 8), 0.5, np.float16)
    alpha[2, 3], alpha[4, 5] = np.inf, np.nan
    channels = dict.fromkeys("RGB", np.full((6, 8), 0.25, np.float16)) | {"A": alpha}
    OpenEXR.File({"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}, channels).write(str(tmp_path / "a.1.exr"))
    engine.run(recipe(tmp_path, str(tmp_path / "a.#.exr"), {"id": "gain"}))
    made = OpenEXR.File(str(tmp_path / "out/b.1.exr"), separate_channels=True).channels()
    assert np.array_equal(made["R"].pixels, np.full((6, 8), 0.5, np.float16))
    assert np.array_equal(made["A"].pixels, np.full((6, 8), 0.5, np.float16))


def test_a_circle_of_links_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/b.1.exr").symlink_to("b.1.exr")
    assert engine.run(recipe(tmp_path, plates(tmp_path, range(1, 3)), {"id": "gain"}, overwrite=True)).written == 2
    assert red(tmp_path, 1) == 0.5


def test_a_machine_that_mounts_the_show_elsewhere_finds_what_was_learned(tmp_path: Path) -> None:
    here, there = tmp_path / "mnt/show", tmp_path / "Volumes/show"
    here.mkdir(parents=True)
    source = plates(here, range(1, 5))
    before = Level.analysed
    assert engine.run(recipe(here, source, {"id": "level"}, frames="1-2")).written == 2
    there.parent.mkdir()
    here.rename(there)
    other = str(there / Path(source).name)
    assert engine.run(recipe(there, other, {"id": "level"}, step="frames")).kept == 2
    assert Level.analysed - before == 1
    assert not [p for p in (there / "out/.vfxai").iterdir() if "mnt/show" in p.read_text() and p.name.startswith("analysis-")]


def test_chunks_of_a_shot_keep_to_one_precision_whatever_a_machine_would_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, told = plates(tmp_path, range(1, 3)), list[str]()
    node = {"id": "upscale", "radius": 0}
    monkeypatch.setattr("vfxai.models.pool.multiplies_bf16", lambda: True)
    engine.run(recipe(tmp_path, source, node, frames="1"))
    monkeypatch.setattr("vfxai.models.pool.multiplies_bf16", lambda: False)
    engine.run(recipe(tmp_path, source, node, frames="2"), request=Request(on_warning=told.append))
    made = [OpenEXR.File(str(p)).header()["vfxai/backends"] for p in sorted((tmp_path / "out").glob("*.exr"))]
    assert len(made) == 2 and made[0] == made[1] and "bf16" in made[0]
    assert any("runs in bf16, as the rest of this shot does; this machine would take fp32" in text for text in told)
