"""The job on a real Dask cluster."""

import os
import shutil
import signal
import threading
from pathlib import Path

import pytest

from tests.farm.test_chunks import pixels
from vfxai.engine.path_map import mapper, with_paths
from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.errors import DeviceError
from vfxai.farm import dask
from vfxai.farm.job import farm_job

pytest.importorskip("distributed", reason="Dask comes with the extras farm and dev")


def test_a_scheduler_that_does_not_answer_is_told(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "PATIENCE", "1s")
    with pytest.raises(DeviceError, match="no Dask scheduler"):
        dask.run(farm_job(recipe, chunk=4), scheduler="tcp://127.0.0.1:1")


@pytest.mark.long
def test_a_worker_that_is_killed_costs_no_frame(recipe: Recipe, tmp_path: Path) -> None:
    """Two workers in processes of their own, with scratch folders of their own; the one that finishes the first chunk is killed."""
    from distributed import LocalCluster

    shutil.copytree(Path(recipe.source).parent, tmp_path / "show/plate")
    one = with_paths(recipe, mapper([(str(Path(recipe.source).parents[1]), str(tmp_path / "show"))]))
    run(one)
    whole = pixels(tmp_path / "show/out")
    shutil.rmtree(tmp_path / "show/out")
    killed = threading.Event()
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path / "scratch")
    ) as cluster:

        def kill(frames: str, outcome: dict[str, object]) -> None:
            if not killed.is_set():
                killed.set()
                os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)

        dask.run(farm_job(one, chunk=1), scheduler=cluster.scheduler_address, done=kill)
    assert killed.is_set() and pixels(tmp_path / "show/out") == whole


@pytest.mark.long
def test_processes_of_this_machine_make_the_shot(recipe: Recipe, tmp_path: Path) -> None:
    shutil.copytree(Path(recipe.source).parent, tmp_path / "show/plate")
    one = with_paths(recipe, mapper([(str(Path(recipe.source).parents[1]), str(tmp_path / "show"))]))
    told: list[str] = []
    dask.run(farm_job(one, chunk=5), done=lambda frames, outcome: told.append(frames))
    assert sorted(told) == ["1001-1005", "1006-1010"] and len(pixels(tmp_path / "show/out")) == 10
