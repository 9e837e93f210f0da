"""The job that `vfxai farm --to openjd` writes, run by the `openjd` command: analysis, then chunks, in processes of their own."""

import json
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.farm.conftest import plate, vfxai_command
from tests.farm.test_chunks import pixels
from tests.farm.test_engines import OPENJD
from vfxai.engine.path_map import mapper, with_paths
from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.farm.engines import write
from vfxai.farm.job import farm_job

pytest.importorskip("openjd.cli", reason="openjd-cli comes with the extra dev")
PATIENCE = 280
"""Seconds after which a test gives up on a machine under load; nothing is measured by it."""


def at(recipe: Recipe, folder: Path) -> Recipe:
    """The recipe over a copy of its plate in a folder."""
    shutil.copytree(Path(recipe.source).parent, folder / "plate")
    return with_paths(recipe, mapper([(str(Path(recipe.source).parents[1]), str(folder))]))


def openjd(folder: Path, *more: str) -> list[str]:
    """The command that runs a job and what it depends on."""
    return [*OPENJD, "run", str(folder / "template.json"), "--step", "Frames", "--run-dependencies", *more]


def test_openjd_runs_the_job_whole_with_other_mounts(recipe: Recipe, tmp_path: Path) -> None:
    one = at(recipe, tmp_path / "here")
    run(one)
    whole = pixels(tmp_path / "here/out")
    shutil.rmtree(tmp_path / "here/out")
    job = farm_job(one, chunk=5, executable=str(vfxai_command(tmp_path)))
    write(job, "openjd", tmp_path / "job")
    (tmp_path / "here").rename(tmp_path / "there")
    rules = {
        "version": "pathmapping-1.0",
        "path_mapping_rules": [
            {"source_path_format": "POSIX", "source_path": str(tmp_path / "here"), "destination_path": str(tmp_path / "there")}
        ],
    }
    command = openjd(tmp_path / "job", "--path-mapping-rules", json.dumps(rules))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert pixels(tmp_path / "there/out") == whole


@pytest.mark.long
def test_a_worker_of_the_step_loads_the_networks_once_for_all_its_chunks(recipe: Recipe, tmp_path: Path) -> None:
    one, log = at(recipe, tmp_path / "show"), tmp_path / "worker.log"
    run(one)
    whole = pixels(tmp_path / "show/out")
    shutil.rmtree(tmp_path / "show/out")
    job = farm_job(one, chunk=4, executable=str(vfxai_command(tmp_path)), worker=True, environment={"VFXAI_WORKER_LOG": str(log)})
    write(job, "openjd", tmp_path / "job")
    done = subprocess.run(openjd(tmp_path / "job"), capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert pixels(tmp_path / "show/out") == whole
    _, analysis, frames = log.read_text().split(" listens in ")
    assert analysis.count(": run denoise") == 1 and frames.count(": run denoise") == 3
    loaded = re.findall(r"loaded ([\w-]+):", frames)
    assert loaded and sorted(set(loaded)) == sorted(loaded), "each network once for three chunks"
    no_worker_is_left(log)


def no_worker_is_left(log: Path) -> None:
    """Waits until every worker that began in a log has ended: one answers before it ends, and a client that gives up does not wait for it."""
    deadline = time.monotonic() + PATIENCE
    while len(re.findall(r"worker \d+ ends", text := log.read_text())) < text.count(" listens in "):
        assert time.monotonic() < deadline, "a worker is left behind"
        time.sleep(0.1)


@pytest.mark.long
@pytest.mark.parametrize("worker", [False, True])
def test_a_task_that_is_cancelled_with_notice_leaves_whole_frames_and_is_gone_on_with(worker: bool, tmp_path: Path) -> None:
    frames = range(1001, 1061)
    source, out = plate(tmp_path / "plate", frames), tmp_path / "out"
    node = {"id": "denoise", "quality": "fast", "radius": 0}
    one = Recipe.from_dict({"source": source, "output": f"{out}/sh.####.exr", "node": [node]})
    log = {"VFXAI_WORKER_LOG": str(tmp_path / "worker.log")}
    job = farm_job(one, chunk=60, executable=str(vfxai_command(tmp_path)), worker=worker, environment=log)
    write(job, "openjd", tmp_path / "job")
    with subprocess.Popen(openjd(tmp_path / "job"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as session:
        ends = time.monotonic() + PATIENCE
        while not list(out.glob("*.exr")) and session.poll() is None and time.monotonic() < ends:
            time.sleep(0.01)
        session.send_signal(signal.SIGINT)
        said, _ = session.communicate(timeout=PATIENCE)
    if worker:
        no_worker_is_left(tmp_path / "worker.log")  # whose last frame may come yet, or be left half under a hidden name
    made = {path.name for path in out.iterdir() if not path.is_dir() and not (worker and path.name.startswith("."))}
    assert session.returncode != 0 and "stopped; frames written so far are whole" in said, said[-3000:]
    assert 0 < len(made) < len(frames) and all(re.fullmatch(r"sh\.\d{4}\.exr", name) for name in made), made
    again = run(one)
    assert (again.kept, again.written) == (len(made), len(frames) - len(made)) and len(pixels(out)) == len(frames)
