"""`vfxai analyze`: what a node learns from a shot, in a file of its own."""

import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from vfxai.cli.main import main
from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.errors import CancelledError
from vfxai.session.analyses import Analyses
from vfxai.session.request import Request

HEADER = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}


def plates(folder: Path, count: int = 4) -> str:
    for number in range(count):
        color = np.random.default_rng(number).normal(0.4, 0.05, (32, 40, 3)).astype(np.float16)
        channels = {c: np.ascontiguousarray(color[..., i]) for i, c in enumerate("RGB")}
        OpenEXR.File(HEADER, channels).write(str(folder / f"a.{1001 + number}.exr"))
    return str(folder / "a.####.exr")


def test_what_is_learned_before_makes_the_same_frames(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, file = plates(tmp_path), tmp_path / "shot.json"
    assert main(["analyze", "denoise", source, str(file), "--radius", "0", "--json"]) == 0
    said = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert said[-1] == "done"
    assert "progress" in said
    assert "frame" not in said
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith("a.")] == ["shot.json"]
    learned = Analyses.from_dict(json.loads(file.read_text()))
    assert [one.node for one in learned.learned] == ["denoise"]
    for name, more in (("one", ["--analysis", str(file)]), ("other", [])):
        assert main(["denoise", source, str(tmp_path / name / "o.####.exr"), "--radius", "0", "--frames", "1002", *more]) == 0
    one, other = (OpenEXR.File(str(tmp_path / name / "o.1002.exr")).channels()["RGB"].pixels for name in ("one", "other"))
    assert one.tobytes() == other.tobytes()


def test_a_file_that_is_there_is_kept_unless_told_otherwise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, file = plates(tmp_path, 2), tmp_path / "shot.json"
    file.write_text("mine")
    assert main(["analyze", "denoise", source, str(file)]) == 5
    assert "--overwrite" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert main(["analyze", "denoise", source, str(file), "--overwrite"]) == 0
    assert json.loads(file.read_text())["nodes"][0]["node"] == "denoise"
    assert main(["analyze", "upscale", source, str(file)]) == 2


def test_an_analysis_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    source, file = plates(tmp_path, 2), tmp_path / "shot.json"
    assert main(["analyze", "denoise", source, str(file)]) == 0
    before = file.read_bytes()
    assert main(["analyze", "denoise", str(tmp_path / "gone.####.exr"), str(file), "--overwrite"]) == 3
    assert file.read_bytes() == before
    asked = {
        "source": source,
        "output": str(tmp_path / "o.####.exr"),
        "analysis": str(file),
        "step": "analyze",
        "overwrite": True,
    }
    recipe = Recipe.from_dict({**asked, "node": [{"id": "denoise"}]})

    def stop(done: int, total: int, what: str) -> None:
        request.cancel()

    request = Request(on_progress=stop)
    with pytest.raises(CancelledError):
        run(recipe, request=request)
    assert file.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith("a.")] == ["shot.json"]
    edited = json.loads(before)
    edited["nodes"][0]["warnings"] = ["edited"]
    file.write_text(json.dumps(edited))
    run(recipe)
    assert json.loads(file.read_text())["nodes"] == json.loads(before)["nodes"], "learned anew"
