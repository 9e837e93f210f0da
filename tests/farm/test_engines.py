"""What each engine is given: checked by the engine's own program where one installs, else held against a stored text."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vfxai.errors import DeviceError
from vfxai.farm.engines import ENGINES, submit, write
from vfxai.farm.job import FarmJob

OPENJD = [sys.executable, "-c", "from openjd.cli import main; main()"]
GOLDEN = Path(__file__).parents[1] / "golden/farm"


def shown(job: FarmJob, engine: str) -> str:
    """All files of an engine as one text, without what differs from run to run."""
    folder = str(Path(job.recipe.source).parents[1])
    texts = {n: t for n, t in ENGINES[engine].files(job).items() if n != "recipe.json"}
    return "".join(f"== {name}\n{text}" for name, text in texts.items()).replace(folder, "SHOW")


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_the_files_are_the_stored_ones(job: FarmJob, engine: str) -> None:
    assert shown(job, engine) == (GOLDEN / f"{engine}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_the_recipe_lies_beside_them(job: FarmJob, engine: str, tmp_path: Path) -> None:
    paths = write(job, engine, tmp_path / "job")
    assert json.loads((tmp_path / "job/recipe.json").read_text()) == job.recipe.to_dict() and all(p.is_file() for p in paths)


def test_openjd_accepts_the_template(job: FarmJob, tmp_path: Path) -> None:
    pytest.importorskip("openjd.cli", reason="openjd-cli comes with the extra dev")
    write(job, "openjd", tmp_path)
    command = [*OPENJD, "check", "--extensions", "TASK_CHUNKING", str(tmp_path / "template.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pyoutline_makes_its_job_of_the_script(job: FarmJob, tmp_path: Path) -> None:
    if importlib.util.find_spec("outline") is None:
        pytest.skip("pip install opencue-pyoutline opencue-pycue packaging")
    write(job, "opencue", tmp_path)
    done = subprocess.run(
        [sys.executable, tmp_path / "job.py", "--xml"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert f"run {tmp_path}/recipe.json --frames '#FRAMESPEC#' --step frames '--map=/mnt/a=/Volumes/a b'" in done.stdout
    assert "<chunk>4</chunk>" in done.stdout and "<range>1001-1010</range>" in done.stdout and "<depend " in done.stdout


def test_flamenco_compiles_the_job_type(job: FarmJob, tmp_path: Path) -> None:
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        pytest.skip("node is not installed")
    write(job, "flamenco", tmp_path)
    manager = Path(__file__).with_name("flamenco_manager.js")
    done = subprocess.run([node, manager, tmp_path / "vfxai.js", "/r.json"], capture_output=True, text=True, check=True)
    tasks = json.loads(done.stdout)
    assert [t["name"] for t in tasks] == ["analyze", "frames-1001-1004", "frames-1005-1008", "frames-1009-1010"]
    assert [t["after"] for t in tasks] == [[], ["analyze"], ["analyze"], ["analyze"]]
    assert tasks[1]["commands"] == [["exec", "{vfxai}", *job.frames_arguments("/r.json", "1001-1004")]]


def test_what_cannot_be_handed_over_says_what_to_do(job: FarmJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match="deadlinecommand") as caught:
        submit(job, "deadline", tmp_path)
    assert "second after the first" in caught.value.remedy
    with pytest.raises(DeviceError, match="flamenco"):
        submit(job, "flamenco", tmp_path)


def test_a_refused_job_is_told_in_the_engines_words(job: FarmJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "deadlinecommand"
    program.write_text('#!/bin/sh\necho "$@" > said.txt\necho "no repository" >&2\nexit 3\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DeviceError, match="no repository"):
        submit(job, "deadline", tmp_path / "job")
    assert (tmp_path / "said.txt").read_text().startswith(f"SubmitMultipleJobs -dependent -job {tmp_path}/job/analyze_job.info")
